"""The frame of every change by an operator: who may, what is written, what a dry run leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.adjustments import reset_window
from genquota.domain.errors import AccountDisabled, NotAllowed, UserNotFound
from genquota.domain.words import Window
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller
from genquota.use_cases.operators.change_user import Changed, Edit, change_user
from tests.emulator.world import START

if TYPE_CHECKING:
    from genquota.store.transaction import Transaction
    from genquota.use_cases.core.access import Case
    from tests.emulator.world import World

BOSS = Caller("boss")


@pytest.fixture(autouse=True)
def people(world: World) -> None:
    world.edit("boss", role="admin")
    world.generate()
    world.generate()


def reset(_transaction: Transaction, case: Case) -> Edit:
    account = case.holder.account
    before = account.windows[Window.PERIOD].used_by(None)
    action = AuditAction.RESET_PERIOD
    return Edit(action, reset_window(account, Window.PERIOD), {"used": before}, {"used": 0})


def change(world: World, by: Caller | None = BOSS, uid: str = "ada", **deed: Any) -> Changed:  # noqa: ANN401
    said = Deed("it was our fault", **deed)
    return change_user(world.context, by, uid, said, reset)


def audit_log(world: World) -> list[dict[str, Any]]:
    return [entry.to_dict() or {} for entry in world.db.collection("auditLog").stream()]


def everything(world: World) -> dict[str, Any]:
    found = {}
    for collection in world.db.collections():
        for document in collection.stream():
            found[document.reference.path] = document.to_dict()
    return found


def test_the_change_and_its_audit_entry_are_one_commit(world: World) -> None:
    changed = change(world)
    assert changed.quota_before.headline is not None
    assert changed.quota.headline is not None
    assert (changed.quota_before.headline.used, changed.quota.headline.used) == (2, 0)
    assert world.check().headline == changed.quota.headline
    assert audit_log(world) == [
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


def test_a_dry_run_says_what_would_be_and_writes_nothing(world: World) -> None:
    before = everything(world)
    changed = change(world, dry_run=True)
    assert changed.quota.headline is not None
    assert (changed.quota.headline.used, changed.audit_id) == (0, None)
    assert everything(world) == before


def test_what_was_done_before_is_not_done_or_noted_again(world: World) -> None:
    def nothing(transaction: Transaction, case: Case) -> Edit:
        return replace(reset(transaction, case), is_done=True)

    before = everything(world)
    change_user(world.context, BOSS, "ada", Deed("again"), nothing)
    assert everything(world) == before


@pytest.mark.parametrize("role", ["user", "service", "boss", None])
def test_only_admins_change_users(world: World, role: str | None) -> None:
    world.edit("eve", role=role)
    with pytest.raises(NotAllowed):
        change(world, by=Caller("eve"))
    with pytest.raises(NotAllowed):
        change(world, by=Caller("eve"), uid="eve")


def test_an_admin_who_is_disabled_changes_nobody(world: World) -> None:
    world.edit("boss", disabled=True)
    with pytest.raises(AccountDisabled):
        change(world)


def test_the_command_line_needs_no_admin(world: World) -> None:
    change(world, by=None)
    assert [entry["actorId"] for entry in audit_log(world)] == ["command-line"]


def test_an_admin_may_change_themself(world: World) -> None:
    world.generate("boss")
    change(world, uid="boss")
    assert world.check("boss").headline is not None


@pytest.mark.parametrize("by", [BOSS, None])
def test_nobody_is_made_by_being_changed(world: World, by: Caller | None) -> None:
    with pytest.raises(UserNotFound):
        change(world, by=by, uid="nobody")
    assert "users/nobody" not in everything(world)


def test_a_reset_leaves_what_it_took_off_with_the_closed_window(world: World) -> None:
    change(world)
    world.generate()
    world.pass_time(days=20)
    world.check()
    world.generate()
    assert [(each["used"], each["adjusted"]) for each in world.closed("period")] == [
        (1, {"image": 2})
    ]
