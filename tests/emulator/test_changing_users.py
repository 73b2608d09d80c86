"""The frame of every change by an operator: who may, what is written, what a dry run leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.adjustments import reset_window
from genquota.domain.enums import Window
from genquota.domain.errors import AccountDisabled, NotAllowed, UserNotFound
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user
from tests.emulator.environment import START

if TYPE_CHECKING:
    from genquota.store.transaction import Transaction
    from genquota.use_cases.core.request_context import RequestContext
    from tests.emulator.environment import Environment

BOSS = Caller("boss")


@pytest.fixture(autouse=True)
def people(env: Environment) -> None:
    env.edit("boss", role="admin")
    env.generate()
    env.generate()


def reset(_transaction: Transaction, case: RequestContext) -> ChangeSet:
    account = case.user.account
    before = account.windows[Window.PERIOD].used_by(None)
    action = AuditAction.RESET_PERIOD
    return ChangeSet(action, reset_window(account, Window.PERIOD), {"used": before}, {"used": 0})


def change(
    env: Environment,
    by: Caller | None = BOSS,
    uid: str = "ada",
    **audit: Any,  # noqa: ANN401 - fields of the audit context
) -> ChangeResult:
    note = AuditContext("it was our fault", **audit)
    return change_user(env.context, by, uid, note, reset)


def audit_log(env: Environment) -> list[dict[str, Any]]:
    return [entry.to_dict() or {} for entry in env.db.collection("auditLog").stream()]


def everything(env: Environment) -> dict[str, Any]:
    found = {}
    for collection in env.db.collections():
        for document in collection.stream():
            found[document.reference.path] = document.to_dict()
    return found


def test_the_change_and_its_audit_entry_are_one_commit(env: Environment) -> None:
    changed = change(env)
    assert changed.quota_before.tightest_limit is not None
    assert changed.quota.tightest_limit is not None
    assert (changed.quota_before.tightest_limit.used, changed.quota.tightest_limit.used) == (2, 0)
    assert env.check().tightest_limit == changed.quota.tightest_limit
    assert audit_log(env) == [
        {
            "at": START,
            "actorId": "boss",
            "action": "reset-period",
            "userId": "ada",
            "note": "it was our fault",
            "before": {"used": 2},
            "after": {"used": 0},
        }
    ]


def test_a_dry_run_says_what_would_be_and_writes_nothing(env: Environment) -> None:
    before = everything(env)
    changed = change(env, dry_run=True)
    assert changed.quota.tightest_limit is not None
    assert (changed.quota.tightest_limit.used, changed.audit_id) == (0, None)
    assert everything(env) == before


def test_what_was_done_before_is_not_done_or_noted_again(env: Environment) -> None:
    def nothing(transaction: Transaction, case: RequestContext) -> ChangeSet:
        return replace(reset(transaction, case), is_noop=True)

    before = everything(env)
    change_user(env.context, BOSS, "ada", AuditContext("again"), nothing)
    assert everything(env) == before


@pytest.mark.parametrize("role", ["user", "service", "boss", None])
def test_only_admins_change_users(env: Environment, role: str | None) -> None:
    env.edit("eve", role=role)
    with pytest.raises(NotAllowed):
        change(env, by=Caller("eve"))
    with pytest.raises(NotAllowed):
        change(env, by=Caller("eve"), uid="eve")


def test_an_admin_who_is_disabled_changes_nobody(env: Environment) -> None:
    env.edit("boss", disabled=True)
    with pytest.raises(AccountDisabled):
        change(env)


def test_the_command_line_needs_no_admin(env: Environment) -> None:
    change(env, by=None)
    assert [entry["actorId"] for entry in audit_log(env)] == ["command-line"]


def test_an_admin_may_change_themself(env: Environment) -> None:
    env.generate("boss")
    change(env, uid="boss")
    assert env.check("boss").tightest_limit is not None


@pytest.mark.parametrize("by", [BOSS, None])
def test_nobody_is_made_by_being_changed(env: Environment, by: Caller | None) -> None:
    with pytest.raises(UserNotFound):
        change(env, by=by, uid="nobody")
    assert "users/nobody" not in everything(env)


def test_a_reset_leaves_what_it_took_off_with_the_closed_window(env: Environment) -> None:
    change(env)
    env.generate()
    env.pass_time(days=20)
    env.check()
    env.generate()
    assert [(each["used"], each["adjusted"]) for each in env.closed("period")] == [
        (1, {"image": 2})
    ]
