"""The one table of who may do what, and that nothing else decides it."""

from __future__ import annotations

import ast

import pytest

from genquota.domain.enums import Role
from genquota.domain.permissions import PERMISSIONS, Permission, Who
from genquota.use_cases.core.authorization import includes
from tests.unit.test_house import PACKAGE, attributes_of, name_of, sources, tree_of

USER, SERVICE, ADMIN = Role.USER, Role.SERVICE, Role.ADMIN

LOOKS_AT_ROLES = {
    # An invariant, whoever asks: an admin is not deleted, and one admin is left.
    "use_cases/self_service/delete_user.py",
    "use_cases/operators/set_role.py",
    # It remembers who is exempt from rate limits; nobody's permissions follow from it.
    "use_cases/core/authorization.py",
}


def test_every_permission_stands_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Permission)


def test_every_permission_is_asked_for_somewhere() -> None:
    asked = frozenset().union(
        *(
            attributes_of(path)
            for path in sources(PACKAGE)
            if name_of(path) != "domain/permissions.py"
        )
    )
    assert {each for each in Permission if f"Permission.{each.name}" not in asked} == set()


@pytest.mark.parametrize(
    ("who", "own", "of_others"),
    [
        (Who.ANYBODY, {USER, SERVICE, ADMIN}, {USER, SERVICE, ADMIN}),
        (Who.SIGNED_IN, {USER, SERVICE, ADMIN}, {USER, SERVICE, ADMIN}),
        (Who.SELF, {USER, SERVICE, ADMIN}, set()),
        (Who.SELF_SERVICE_ADMIN, {USER, SERVICE, ADMIN}, {SERVICE, ADMIN}),
        (Who.SELF_ADMIN, {USER, SERVICE, ADMIN}, {ADMIN}),
        (Who.SERVICE_ADMIN, {SERVICE, ADMIN}, {SERVICE, ADMIN}),
        (Who.ADMIN, {ADMIN}, {ADMIN}),
    ],
)
def test_roles_are_included_as_named(who: Who, own: set[Role], of_others: set[Role]) -> None:
    assert {role for role in Role if includes(who, role, is_own=True)} == own
    assert {role for role in Role if includes(who, role, is_own=False)} == of_others


def test_no_use_case_or_trigger_compares_roles_itself() -> None:
    compared = {
        name_of(path)
        for room in ("use_cases", "triggers", "billing")
        for path in sources(PACKAGE / room)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        if any(ast.unparse(each).startswith("Role.") for each in (node.left, *node.comparators))
    }
    assert compared == LOOKS_AT_ROLES
