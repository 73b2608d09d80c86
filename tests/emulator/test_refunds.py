"""Settled generations that are given back: in their own windows and grants, exactly, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import GenerationClosed, GenerationNotFound, InvalidArgument
from genquota.domain.quota.account import Grant
from tests.emulator.books import assert_books_balance
from tests.emulator.desk import Desk, open_desk
from tests.emulator.racing import outcomes, race
from tests.emulator.world import row

if TYPE_CHECKING:
    from tests.emulator.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    world.plan("free", limits={"day": 3, "period": 10})
    return open_desk(world)


def test_a_refund_gives_back_in_each_window_and_the_record_stays_a_success(
    world: World, desk: Desk
) -> None:
    done = world.generate()
    finished = world.record(done)["completedAt"]
    world.pass_time(minutes=5)
    desk.refund(done)
    assert (row(world.check(), "day"), row(world.check())) == ((3, 0, 0), (10, 0, 0))
    record = world.record(done)
    told = ("generationStatus", "charged", "credits", "refunded", "late", "completedAt")
    assert [record[name] for name in told] == ["success", 0, 1, True, False, finished]
    assert (world.user()["generatedCount"], world.user()["currentPeriodCount"]) == (1, 1)
    assert_books_balance(world.db)


def test_a_report_of_the_success_again_answers_as_it_is_now(world: World, desk: Desk) -> None:
    done = world.generate()
    desk.refund(done)
    again = world.report(done, "success")
    assert (again.generation.charged, again.generation.refunded) == (0, True)
    with pytest.raises(GenerationClosed):
        world.report(done, "failed")
    assert world.create(key=None).replayed is False
    assert_books_balance(world.db)


def test_a_refund_makes_no_room_in_a_later_window(world: World, desk: Desk) -> None:
    """B5, F5"""
    done = world.generate()
    world.pass_time(days=1)
    for _ in range(3):
        world.generate()
    desk.refund(done)
    assert (row(world.check(), "day"), row(world.check())) == ((3, 3, 0), (10, 3, 0))
    assert world.day("2027-03-15")["used"] == 0
    assert world.day("2027-03-15")["success"] == 1
    assert_books_balance(world.db)


def test_a_refund_that_is_the_first_to_see_that_a_window_has_ended_takes_it_off_there(
    world: World, desk: Desk
) -> None:
    """B5"""
    world.generate()
    done = world.generate()
    world.pass_time(days=1)
    desk.refund(done)
    assert world.day("2027-03-15")["used"] == 1
    assert not any(world.day("2027-03-15").get("adjusted", {}).values())
    assert (row(world.check(), "day"), row(world.check())) == ((3, 0, 0), (10, 1, 0))
    assert_books_balance(world.db)


def test_a_refund_after_a_reset_drives_no_window_below_zero(world: World, desk: Desk) -> None:
    done = world.generate()
    desk.reset("day")
    world.pass_time(days=1)
    desk.refund(done)  # the day closes with this very commit
    assert world.day("2027-03-15")["used"] == 0
    assert_books_balance(world.db)
    other = world.generate()
    desk.reset("day")
    world.pass_time(days=1)
    world.generate()  # and this one has closed before
    desk.refund(other)
    assert world.day("2027-03-16")["used"] == 0
    assert_books_balance(world.db)


def test_what_a_grant_paid_goes_back_to_the_grant(world: World, desk: Desk) -> None:
    world.check()
    grant_id = desk.give(2).edit.about
    assert grant_id
    for _ in range(3):
        world.generate()
    paid = world.generate()
    desk.refund(paid)
    assert world.user()["quota"]["grants"][grant_id]["used"] == 0
    assert row(world.check(), "day") == (3, 3, 0)
    assert_books_balance(world.db)


def test_what_is_given_back_to_an_ended_or_revoked_grant_is_lost(world: World, desk: Desk) -> None:
    for _ in range(3):
        world.generate()
    ends = desk.give(1, "ends", expires_at=datetime(2027, 3, 15, 12, tzinfo=UTC)).edit.about
    by_ended = world.generate()
    revoked = desk.give(1, "revoked").edit.about
    by_revoked = world.generate()
    assert ends
    assert revoked
    desk.revoke(revoked)
    world.pass_time(hours=4)
    for each in (by_ended, by_revoked):
        assert desk.refund(each).quota.grants_remaining == 0
    assert world.check().grants_remaining == 0
    assert_books_balance(world.db)


def test_a_bought_grant_that_made_room_for_others_is_given_back_all_the_same(
    world: World, desk: Desk
) -> None:
    """D12: what was paid for is not lost because the user has bought much since."""
    for _ in range(3):
        world.generate()
    bought = desk.give(1, "bought", purchased=True).edit.about
    paid = world.generate()
    entry: Any = {"credits": 1, "used": 1, "expiresAt": None}
    world.edit(**{f"quota__grants__g{n}": entry for n in range(99)})
    desk.give(5, "one more than there is room for")
    assert bought not in world.user()["quota"]["grants"]
    assert desk.refund(paid).holder.account.grants[str(bought)] == Grant(1, purchased=True)
    assert world.check().grants_remaining == 6


def test_a_late_success_is_refunded_once(world: World, desk: Desk) -> None:
    opened = world.create()
    world.pass_time(hours=1)
    world.report(opened, "success")
    assert row(world.check()) == (10, 1, 0)
    desk.refund(opened)
    desk.refund(opened)
    assert row(world.check()) == (10, 0, 0)
    assert world.record(opened)["late"] is True
    assert_books_balance(world.db)


def test_a_forgiven_late_success_has_nothing_to_give_back(world: World, desk: Desk) -> None:
    world.set_policy(charge_late_success=False)
    world.generate()
    opened = world.create()
    world.pass_time(hours=1)
    world.report(opened, "success")
    assert desk.refund(opened).edit.is_done
    assert row(world.check()) == (10, 1, 0)


def test_what_is_open_is_cancelled_and_not_refunded(world: World, desk: Desk) -> None:
    opened = world.create()
    with pytest.raises(InvalidArgument):
        desk.refund(opened)
    world.pass_time(hours=1)
    with pytest.raises(GenerationClosed) as closed:
        desk.refund(opened)
    assert closed.value.status == "expired"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_was_given_back_already_is_not_refunded(world: World, desk: Desk, status: str) -> None:
    opened = world.create()
    world.report(opened, status)
    with pytest.raises(GenerationClosed):
        desk.refund(opened)


@pytest.mark.parametrize("by", ["boss", None])
def test_a_generation_that_is_not_there_or_anothers_is_not_found(
    world: World, by: str | None
) -> None:
    desk = open_desk(world, by=by)
    done = world.generate()
    world.check("eve")
    with pytest.raises(GenerationNotFound):
        desk.refund("gnone")
    with pytest.raises(GenerationNotFound):
        desk.refund(done, "eve")
    assert desk.refund(done).holder.account.uid == "ada"


@pytest.mark.usefixtures("without_lanes")
def test_refunds_and_reports_at_once_move_each_balance_once(world: World, desk: Desk) -> None:
    """B3, B4: and nothing passes the limit meanwhile."""
    done = world.generate()
    opened = world.create()
    results = race(
        [lambda: desk.refund(done)] * 4
        + [lambda: world.report(opened, "success")] * 3
        + [world.create] * 5
    )
    assert outcomes(results) == {"ok": 9, "quota-exceeded": 3} or outcomes(results) == {
        "ok": 8,
        "quota-exceeded": 4,
    }
    assert len([entry for entry in desk.audit_log() if entry["action"] == "refund-generation"]) == 1
    limit, used, reserved = row(world.check(), "day")
    assert used + reserved <= limit
    assert_books_balance(world.db)


@pytest.mark.usefixtures("without_lanes")
def test_a_refund_races_the_report_that_it_is_about(world: World, desk: Desk) -> None:
    for _ in range(3):
        opened = world.create()
        results = race(
            [lambda o=opened: world.report(o, "success"), lambda o=opened: desk.refund(o)]  # type: ignore[misc]
        )
        assert outcomes(results) in ({"ok": 2}, {"ok": 1, "invalid-argument": 1})
        if outcomes(results) == {"ok": 1, "invalid-argument": 1}:
            desk.refund(opened)
        assert row(world.check(), "day") == (3, 0, 0)
    assert_books_balance(world.db)
