"""The way back for a deleted uid: an operator's, with what was used, and with nothing that was deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import (
    AccountDeleted,
    AccountDisabled,
    GenerationNotFound,
    NotAllowed,
    QuotaExceeded,
    UserNotFound,
)
from genquota.domain.quota.decision import Ask
from genquota.store.privacy import deletion as erasure
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit
from genquota.use_cases.operators.restore_user import restore_user
from genquota.use_cases.self_service.delete_user import delete_user
from tests import stripe_payloads as stripe
from tests.emulator.racing import outcomes, race
from tests.emulator.shop import open_shop, tell
from tests.emulator.world import AN_HOUR, START, row
from tests.functions.store_contents import contents
from tests.stripe_payloads import PLUS

if TYPE_CHECKING:
    from genquota.use_cases.operators.change_user import Changed
    from tests.emulator.world import World

HASH = "what stands for ada's email"
WITH_EMAIL = Caller("ada", "ada@example.com", "Ada", is_verified=True, email_hash=HASH)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def admin(world: World) -> None:
    world.edit("pat", role="admin")


def delete(world: World, uid: str = "ada", time: timedelta = AN_HOUR) -> bool:
    return delete_user(world.context, Caller(uid), None, time).finished


def restore(
    world: World, uid: str = "ada", *, by: str | None = "pat", dry_run: bool = False
) -> Changed:
    deed = Deed("came back", dry_run=dry_run)
    return restore_user(world.context, Caller(by) if by else None, uid, deed)


def check(world: World, caller: Caller) -> tuple[int, ...]:
    return row(check_limit.check_limit(world.context, caller, None, Ask())[1])


def test_a_deleted_uid_that_signs_in_again_is_refused_until_an_operator_lets_it_in(
    world: World,
) -> None:
    """E12"""
    world.generate()
    delete(world)
    with pytest.raises(AccountDeleted):
        world.check()
    assert restore(world).edit.after == {"isDeleted": False}
    assert row(world.create().quota) == (10, 1, 1)


@pytest.mark.parametrize("first", ["check", "create", "service", "sweep and check"])
def test_what_was_used_counts_on_without_any_email_whichever_call_is_the_first(
    world: World, first: str
) -> None:
    """E12: no second free allowance."""
    world.edit("server", role="service")
    for _ in range(7):
        world.generate()
    world.create()
    delete(world)
    restore(world)
    if first == "service":
        world.check(by="server")
    elif first == "create":
        assert row(world.create(key="first").quota) == (10, 8, 1)
    else:
        world.reset_periods()
        assert row(world.check()) == (10, 8, 0)
    for n in range(2):
        world.create(key="first" if n == 0 else "second")
    with pytest.raises(QuotaExceeded):
        world.create()
    user = world.user()
    assert (user["generatedCount"], user["isDeleted"], user["deletedAt"]) == (0, False, None)
    assert (user["role"], user["createdAt"]) == ("user", START)


def test_the_first_call_takes_over_what_the_token_says_as_of_any_new_user(world: World) -> None:
    world.generate()
    delete(world)
    restore(world)
    check(world, WITH_EMAIL)
    user = world.user()
    assert (user["email"], user["displayName"]) == ("ada@example.com", "Ada")


def test_what_is_kept_under_the_uid_and_under_the_email_counts_once(world: World) -> None:
    """E12"""
    check(world, WITH_EMAIL)
    for _ in range(7):
        world.generate()
    delete_user(world.context, WITH_EMAIL, None, AN_HOUR)
    restore(world)
    assert row(world.check()) == (10, 7, 0), "before a verified email is shown"
    world.generate()
    assert check(world, WITH_EMAIL) == (10, 8, 0)
    assert check(world, WITH_EMAIL) == (10, 8, 0)


def test_what_a_new_account_used_under_the_email_meanwhile_counts_too(world: World) -> None:
    """E12"""
    check(world, WITH_EMAIL)
    for _ in range(4):
        world.generate()
    delete_user(world.context, WITH_EMAIL, None, AN_HOUR)
    check(world, Caller("ada2", is_verified=True, email_hash=HASH))
    for _ in range(3):
        world.generate("ada2")
    restore(world)
    assert check(world, WITH_EMAIL) == (10, 7, 0)


def test_in_the_next_window_all_is_new(world: World) -> None:
    for _ in range(7):
        world.generate()
    delete(world)
    restore(world)
    world.pass_time(days=20)
    assert row(world.check()) == (10, 0, 0)


def test_deleting_and_being_restored_again_and_again_adds_up(world: World) -> None:
    for used in (1, 2, 3):
        world.generate()
        delete(world)
        restore(world)
        assert row(world.check()) == (10, used, 0)
    delete(world)
    restore(world)
    delete(world)  # without any call in between
    restore(world)
    assert row(world.check()) == (10, 3, 0)


def test_it_refuses_while_the_deletion_is_not_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "PAGE", 2)
    for _ in range(5):
        world.generate()
    assert not delete(world, time=timedelta(0))
    before = contents(world.db)
    with pytest.raises(NotAllowed) as refused:
        restore(world)
    assert "not finished" in str(refused.value.why)
    assert contents(world.db) == before
    assert delete(world)
    assert restore(world).audit_id


def test_a_process_that_was_late_with_the_deletion_takes_nothing_of_who_came_back(
    world: World, other: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "PAGE", 2)
    for _ in range(5):
        world.generate()
    assert not delete(world, time=timedelta(0))
    late = erasure.erase(other.db, "ada", "UTC")
    assert next(late) == ("userGenerations", 2)
    assert delete(world)
    restore(world)
    for _ in range(3):
        world.generate()
    assert list(late) == []
    assert len(world.records()) == 3


def test_nothing_that_comes_late_brings_a_user_back_before_it(world: World) -> None:
    """E12"""
    open_shop(world)
    opened = world.create()
    delete(world)
    tombstone = world.user()
    assert tell(world, _sold(1)).problem == "deleted-user"
    with pytest.raises((AccountDeleted, GenerationNotFound)):
        world.report(opened, "success", by=None, naming_user=True)
    world.reset_periods()
    world.expire_generations()
    restore(world, dry_run=True)
    assert world.user() == tombstone


@pytest.mark.parametrize("calls_first", [True, False])
def test_the_next_event_of_their_subscription_gives_them_their_plan_and_no_second_allowance(
    world: World, *, calls_first: bool
) -> None:
    open_shop(world)
    world.check()
    tell(world, _sold(1))
    world.pass_time(hours=2)
    for _ in range(7):
        world.generate()
    assert row(world.check()) == (100, 7, 0)
    delete(world)
    tell(world, _sold(2))
    restore(world)
    if calls_first:
        assert row(world.check()) == (10, 7, 0)
    assert tell(world, _sold(3)).status == "processed"
    assert row(world.check()) == (100, 7, 0)


def test_a_dry_run_writes_nothing_and_a_restore_leaves_one_entry_and_only_once(
    world: World,
) -> None:
    world.generate()
    delete(world)
    before = contents(world.db)
    tried = restore(world, dry_run=True)
    assert (tried.audit_id, tried.edit.is_done) == (None, False)
    assert contents(world.db) == before
    done = restore(world)
    assert world.db.document(f"auditLog/{done.audit_id}").get().to_dict() == {
        "at": START,
        "actorId": "pat",
        "action": "restore-user",
        "userId": "ada",
        "note": "came back",
        "before": {"isDeleted": True},
        "after": {"isDeleted": False},
    }
    again = restore(world)
    assert (again.audit_id, again.edit.is_done) == (None, True)
    assert restore(world, by=None).edit.is_done


def test_nobody_but_an_admin_restores_and_nobody_who_was_never_there(world: World) -> None:
    delete(world)
    for role in ("user", "service"):
        world.edit("sam", role=role)
        with pytest.raises(NotAllowed):
            restore(world, by="sam")
    with pytest.raises(AccountDeleted):
        restore(world, by="ada")
    with pytest.raises(UserNotFound):
        restore(world, "nobody")
    world.edit("pat", disabled=True)
    with pytest.raises(AccountDisabled):
        restore(world)
    assert world.user()["isDeleted"]


@pytest.mark.usefixtures("without_lanes")
def test_two_operators_at_once_restore_once(world: World, other: World) -> None:
    delete(world)
    ends = race([lambda: restore(world), lambda: restore(other, by=None)])
    assert outcomes(ends) == {"ok": 2}
    assert sorted(each.edit.is_done for each in ends) == [False, True]
    assert len(list(world.db.collection("auditLog").stream())) == 1


def _sold(number: int) -> dict[str, object]:
    about = stripe.subscription(PLUS, metadata={"userId": "ada"}, start=START + HOUR)
    at = START + HOUR + timedelta(minutes=number)
    return stripe.event("customer.subscription.updated", about, f"evt_{number}", at)
