"""Every verb of the operators: who may, whom it may be about, and that a dry run leaves no trace."""

from __future__ import annotations

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
from genquota.use_cases.core.audit import AuditContext
from genquota.use_cases.generations.create_generation import generation_id_for
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.functions.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.use_cases.operators.change_user import ChangeResult
    from tests.emulator.environment import Environment


DONE = generation_id_for("ada", "done")

VERBS: dict[str, Callable[[OperatorActions, str], ChangeResult]] = {
    "set-plan": lambda operator, uid: operator.plan("pro", uid),
    "set-limits": lambda operator, uid: operator.limits(uid, limits={"period": 3}),
    "set-role": lambda operator, uid: operator.role("service", uid),
    "set-timezone": lambda operator, uid: operator.timezone("Asia/Tokyo", uid),
    "set-disabled": lambda operator, uid: operator.disabled(True, uid),  # noqa: FBT003
    "give-grant": lambda operator, uid: operator.give(5, uid=uid),
    "revoke-grant": lambda operator, uid: operator.revoke("welcome", uid),
    "override-many": lambda operator, uid: operator.override(uid, rates={"maxOpen": 1}),
    "reset-daily": lambda operator, uid: operator.reset("day", uid),
    "reset-weekly": lambda operator, uid: operator.reset("week", uid),
    "reset-monthly": lambda operator, uid: operator.reset("month", uid),
    "reset-quarterly": lambda operator, uid: operator.reset("quarter", uid),
    "reset-period": lambda operator, uid: operator.reset("period", uid),
    "refund-generation": lambda operator, uid: operator.refund(DONE, uid),
    "put-subscription": lambda operator, uid: operator.subscribe("plus", uid),
    "delete-subscription": lambda operator, uid: operator.unsubscribe(uid, "m0"),
}

ELSEWHERE = {
    *("put-plan", "run-job", "delete-user", "restore-user", "resolve-event", "remove-from-feed"),
    "hide-generation",
}
"""Those that are not about one user, or not in this frame; their own tests look at their entries."""

every_verb = pytest.mark.parametrize("action", VERBS)


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


def test_every_action_of_the_audit_log_is_tried() -> None:
    assert {*VERBS, *ELSEWHERE} == {action.value for action in AuditAction}


@every_verb
@pytest.mark.parametrize("role", ["user", "service"])
def test_only_admins_may(operator: OperatorActions, action: str, role: str) -> None:
    operator.env.edit("eve", role=role)
    before = contents(operator.env.db)
    for uid in ("ada", "eve"):
        with pytest.raises(NotAllowed):
            VERBS[action](replace(operator, by="eve"), uid)
    assert contents(operator.env.db) == before


@every_verb
def test_a_demoted_admin_is_refused_at_once(operator: OperatorActions, action: str) -> None:
    """E10: the role is read with each call, whatever a token says."""
    operator.env.edit("eve", role="admin")
    VERBS[action](replace(operator, by="eve", dry_run=True), "ada")
    operator.env.edit("eve", role="user")
    with pytest.raises(NotAllowed):
        VERBS[action](replace(operator, by="eve"), "ada")


@every_verb
def test_a_disabled_admin_is_refused(operator: OperatorActions, action: str) -> None:
    operator.env.edit("boss", disabled=True)
    with pytest.raises(AccountDisabled):
        VERBS[action](operator, "ada")


@every_verb
def test_the_command_line_may(operator: OperatorActions, action: str) -> None:
    VERBS[action](replace(operator, by=None), "ada")
    assert [(each["actorId"], each["action"]) for each in operator.audit_log()] == [
        ("command-line", action)
    ]


@every_verb
@pytest.mark.parametrize("by", ["boss", None])
def test_nobody_is_made_by_it(operator: OperatorActions, action: str, by: str | None) -> None:
    before = contents(operator.env.db)
    with pytest.raises(UserNotFound):
        VERBS[action](replace(operator, by=by), "nobody")
    assert contents(operator.env.db) == before


@every_verb
def test_who_was_deleted_stays_as_they_are(operator: OperatorActions, action: str) -> None:
    """E12"""
    operator.env.edit(isDeleted=True)
    before = contents(operator.env.db)
    with pytest.raises(AccountDeleted):
        VERBS[action](operator, "ada")
    assert contents(operator.env.db) == before


@every_verb
def test_a_dry_run_answers_as_the_deed_does_and_leaves_the_store_as_it_was(
    operator: OperatorActions, action: str
) -> None:
    before = contents(operator.env.db)
    tried = VERBS[action](replace(operator, dry_run=True), "ada")
    assert contents(operator.env.db) == before
    done = VERBS[action](operator, "ada")
    assert (tried.edit.before, tried.edit.after) == (done.edit.before, done.edit.after)
    assert tried.quota == done.quota
    assert (tried.audit_id, bool(done.audit_id)) == (None, True)


@every_verb
def test_doing_it_again_changes_and_notes_nothing(operator: OperatorActions, action: str) -> None:
    first = VERBS[action](operator, "ada")
    before = contents(operator.env.db)
    operator.env.pass_time(minutes=1)
    again = VERBS[action](operator, "ada")
    assert contents(operator.env.db) == before
    assert again.edit.after == first.edit.after
    assert again.edit.about == first.edit.about
    assert again.audit_id is None


@every_verb
def test_the_audit_entry_tells_who_did_what_to_whom_and_why(
    operator: OperatorActions, action: str
) -> None:
    VERBS[action](operator, "ada")
    entry = operator.audit_log()[0]
    told = {name: entry[name] for name in ("actorId", "action", "userId", "note")}
    assert told == {
        "actorId": "boss",
        "action": action,
        "userId": "ada",
        "note": "it was our fault",
    }
    assert entry["after"]


@pytest.mark.parametrize("note", ["", " \n", "x" * 1001])
def test_a_note_is_required_and_bounded(note: str) -> None:
    with pytest.raises(InvalidArgument):
        AuditContext(note)
