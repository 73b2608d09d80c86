"""Every verb of the operators: who may, whom it may be about, and that a dry run leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import (
    AccountDeleted,
    AccountDisabled,
    InvalidArgument,
    NotAllowed,
    UserNotFound,
)
from genquota.messages.operators.changes import ChangeAnswer
from genquota.messages.requests.queries import DryRun
from genquota.triggers.api.operators import ROUTES, answer_of
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations.create_generation import generation_id_for
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.store_contents import contents

if TYPE_CHECKING:
    from genquota.triggers.api.routes import Route
    from tests.emulator.environment import Environment


Verb = Callable[[OperatorActions, str], ChangeAnswer]


def _by_route(route: Route) -> Verb:
    def verb(operator: OperatorActions, uid: str) -> ChangeAnswer:
        return operator.call(route, {"userId": uid, **THEIRS})

    return verb


def _override(operator: OperatorActions, uid: str) -> ChangeAnswer:
    return answer_of(operator.override(uid, rates={"maxOpen": 1}))


THEIRS = {
    "grantId": "welcome",
    "subscriptionId": "m0",
    "generationId": generation_id_for("ada", "done"),
}
ABOUT_A_USER: dict[str, Verb] = {
    f"{route.method} {route.pattern}": _by_route(route)
    for route in ROUTES
    if issubclass(route.query, DryRun) and "{userId}" in route.pattern
} | {"override of many": _override}
VERBS = ABOUT_A_USER | {
    f"{route.method} {route.pattern}": _by_route(route)
    for route in ROUTES
    if issubclass(route.query, DryRun) and "{userId}" not in route.pattern
}
"""Every change of a user that the API or the command line makes."""

ELSEWHERE = {
    *("put-plan", "run-job", "delete-user", "restore-user", "resolve-event", "remove-from-feed"),
    "hide-generation",
}
"""Those that are not about one user, or not in this frame; their own tests look at their entries."""

every_verb = pytest.mark.parametrize("name", VERBS)


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    env.check()
    operator = operator_actions(env)
    operator.subscribe(id_="m0")
    env.generate(key="done")
    env.grant("welcome", 5)
    for entry in env.db.collection("auditLog").stream():
        entry.reference.delete()
    return operator


def test_every_action_of_the_audit_log_is_tried(operator: OperatorActions) -> None:
    tried = {verb(replace(operator, dry_run=True), "ada").action for verb in VERBS.values()}
    assert tried | ELSEWHERE == {action.value for action in AuditAction}


@every_verb
@pytest.mark.parametrize("role", ["user", "service"])
def test_only_admins_may(operator: OperatorActions, name: str, role: str) -> None:
    operator.env.edit("eve", role=role)
    before = contents(operator.env.db)
    for uid in ("ada", "eve"):
        with pytest.raises(NotAllowed):
            VERBS[name](replace(operator, by="eve"), uid)
    assert contents(operator.env.db) == before


@every_verb
def test_a_demoted_admin_is_refused_at_once(operator: OperatorActions, name: str) -> None:
    """E10: the role is read with each call, whatever a token says."""
    operator.env.edit("eve", role="admin")
    VERBS[name](replace(operator, by="eve", dry_run=True), "ada")
    operator.env.edit("eve", role="user")
    with pytest.raises(NotAllowed):
        VERBS[name](replace(operator, by="eve"), "ada")


@every_verb
def test_a_disabled_admin_is_refused(operator: OperatorActions, name: str) -> None:
    operator.env.edit("boss", disabled=True)
    with pytest.raises(AccountDisabled):
        VERBS[name](operator, "ada")


@every_verb
def test_the_command_line_may(operator: OperatorActions, name: str) -> None:
    done = VERBS[name](replace(operator, by=None), "ada")
    assert [(each["actorId"], each["action"]) for each in operator.audit_log()] == [
        ("command-line", done.action)
    ]


@pytest.mark.parametrize("name", ABOUT_A_USER)
@pytest.mark.parametrize("by", ["boss", None])
def test_nobody_is_made_by_it(operator: OperatorActions, name: str, by: str | None) -> None:
    before = contents(operator.env.db)
    with pytest.raises(UserNotFound):
        VERBS[name](replace(operator, by=by), "nobody")
    assert contents(operator.env.db) == before


@every_verb
def test_who_was_deleted_stays_as_they_are(operator: OperatorActions, name: str) -> None:
    """E12"""
    operator.env.edit(isDeleted=True)
    before = contents(operator.env.db)
    with pytest.raises(AccountDeleted):
        VERBS[name](operator, "ada")
    assert contents(operator.env.db) == before


@every_verb
def test_a_dry_run_answers_as_the_deed_does_and_leaves_the_store_as_it_was(
    operator: OperatorActions, name: str
) -> None:
    before = contents(operator.env.db)
    tried = VERBS[name](replace(operator, dry_run=True), "ada")
    assert contents(operator.env.db) == before
    done = VERBS[name](operator, "ada")
    assert (tried.before, tried.after) == (done.before, done.after)
    assert tried.quota == done.quota
    assert (tried.audit_id, bool(done.audit_id)) == (None, True)


@every_verb
def test_doing_it_again_changes_and_notes_nothing(operator: OperatorActions, name: str) -> None:
    first = VERBS[name](operator, "ada")
    before = contents(operator.env.db)
    operator.env.pass_time(minutes=1)
    again = VERBS[name](operator, "ada")
    assert contents(operator.env.db) == before
    assert again.after == first.after
    assert again.id == first.id
    assert (again.changed, again.audit_id) == (False, None)


@every_verb
def test_the_audit_entry_tells_who_did_what_to_whom_and_why(
    operator: OperatorActions, name: str
) -> None:
    done = VERBS[name](operator, "ada")
    entry = operator.audit_log()[0]
    answer = {field: entry[field] for field in ("actorId", "action", "userId", "note")}
    assert answer == {
        "actorId": "boss",
        "action": done.action,
        "userId": "ada",
        "note": "it was our fault",
    }
    assert entry["after"]


@pytest.mark.parametrize("note", ["", " \n", "x" * 1001])
def test_a_note_is_required_and_bounded(note: str) -> None:
    with pytest.raises(InvalidArgument):
        AuditContext(note)
