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
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.generations.create_generation import generation_id_for
from tests.emulator.desk import Desk, open_desk
from tests.functions.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.use_cases.operators.change_user import Changed
    from tests.emulator.world import World


DONE = generation_id_for("ada", "done")

VERBS: dict[str, Callable[[Desk, str], Changed]] = {
    "set-plan": lambda desk, uid: desk.plan("pro", uid),
    "set-limits": lambda desk, uid: desk.limits(uid, limits={"period": 3}),
    "set-role": lambda desk, uid: desk.role("service", uid),
    "set-timezone": lambda desk, uid: desk.timezone("Asia/Tokyo", uid),
    "set-disabled": lambda desk, uid: desk.disabled(True, uid),  # noqa: FBT003
    "give-grant": lambda desk, uid: desk.give(5, uid=uid),
    "revoke-grant": lambda desk, uid: desk.revoke("welcome", uid),
    "override-many": lambda desk, uid: desk.override(uid, rates={"maxOpen": 1}),
    "reset-daily": lambda desk, uid: desk.reset("day", uid),
    "reset-weekly": lambda desk, uid: desk.reset("week", uid),
    "reset-monthly": lambda desk, uid: desk.reset("month", uid),
    "reset-quarterly": lambda desk, uid: desk.reset("quarter", uid),
    "reset-period": lambda desk, uid: desk.reset("period", uid),
    "refund-generation": lambda desk, uid: desk.refund(DONE, uid),
    "put-subscription": lambda desk, uid: desk.subscribe("plus", uid),
    "delete-subscription": lambda desk, uid: desk.unsubscribe(uid, "m0"),
}

ELSEWHERE = {
    *("put-plan", "run-job", "delete-user", "restore-user", "resolve-event", "remove-from-feed"),
    "hide-generation",
}
"""Those that are not about one user, or not in this frame; their own tests look at their entries."""

every_verb = pytest.mark.parametrize("action", VERBS)


@pytest.fixture
def desk(world: World) -> Desk:
    world.check()
    desk = open_desk(world)
    desk.subscribe(id_="m0")
    world.generate(key="done")
    world.grant("welcome", 5)
    for entry in world.db.collection("auditLog").stream():
        entry.reference.delete()
    return desk


def test_every_action_of_the_audit_log_is_tried() -> None:
    assert {*VERBS, *ELSEWHERE} == {action.value for action in AuditAction}


@every_verb
@pytest.mark.parametrize("role", ["user", "service"])
def test_only_admins_may(desk: Desk, action: str, role: str) -> None:
    desk.world.edit("eve", role=role)
    before = contents(desk.world.db)
    for uid in ("ada", "eve"):
        with pytest.raises(NotAllowed):
            VERBS[action](replace(desk, by="eve"), uid)
    assert contents(desk.world.db) == before


@every_verb
def test_a_demoted_admin_is_refused_at_once(desk: Desk, action: str) -> None:
    """E10: the role is read with each call, whatever a token says."""
    desk.world.edit("eve", role="admin")
    VERBS[action](replace(desk, by="eve", dry_run=True), "ada")
    desk.world.edit("eve", role="user")
    with pytest.raises(NotAllowed):
        VERBS[action](replace(desk, by="eve"), "ada")


@every_verb
def test_a_disabled_admin_is_refused(desk: Desk, action: str) -> None:
    desk.world.edit("boss", disabled=True)
    with pytest.raises(AccountDisabled):
        VERBS[action](desk, "ada")


@every_verb
def test_the_command_line_may(desk: Desk, action: str) -> None:
    VERBS[action](replace(desk, by=None), "ada")
    assert [(each["actorId"], each["action"]) for each in desk.audit_log()] == [
        ("command-line", action)
    ]


@every_verb
@pytest.mark.parametrize("by", ["boss", None])
def test_nobody_is_made_by_it(desk: Desk, action: str, by: str | None) -> None:
    before = contents(desk.world.db)
    with pytest.raises(UserNotFound):
        VERBS[action](replace(desk, by=by), "nobody")
    assert contents(desk.world.db) == before


@every_verb
def test_who_was_deleted_stays_as_they_are(desk: Desk, action: str) -> None:
    """E12"""
    desk.world.edit(isDeleted=True)
    before = contents(desk.world.db)
    with pytest.raises(AccountDeleted):
        VERBS[action](desk, "ada")
    assert contents(desk.world.db) == before


@every_verb
def test_a_dry_run_answers_as_the_deed_does_and_leaves_the_store_as_it_was(
    desk: Desk, action: str
) -> None:
    before = contents(desk.world.db)
    tried = VERBS[action](replace(desk, dry_run=True), "ada")
    assert contents(desk.world.db) == before
    done = VERBS[action](desk, "ada")
    assert (tried.edit.before, tried.edit.after) == (done.edit.before, done.edit.after)
    assert tried.quota == done.quota
    assert (tried.audit_id, bool(done.audit_id)) == (None, True)


@every_verb
def test_doing_it_again_changes_and_notes_nothing(desk: Desk, action: str) -> None:
    first = VERBS[action](desk, "ada")
    before = contents(desk.world.db)
    desk.world.pass_time(minutes=1)
    again = VERBS[action](desk, "ada")
    assert contents(desk.world.db) == before
    assert again.edit.after == first.edit.after
    assert again.edit.about == first.edit.about
    assert again.audit_id is None


@every_verb
def test_the_audit_entry_tells_who_did_what_to_whom_and_why(desk: Desk, action: str) -> None:
    VERBS[action](desk, "ada")
    entry = desk.audit_log()[0]
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
        Deed(note)
