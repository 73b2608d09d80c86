"""Charged, or given back, in the windows and from the grants that a generation was reserved in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import QuotaExceeded
from tests.emulator.books import assert_books_balance
from tests.emulator.world import START, row

if TYPE_CHECKING:
    from tests.emulator.world import World

BEFORE_APRIL = datetime(2027, 3, 31, 23, 55, tzinfo=UTC)
"""A hold taken here outlives its day, its month and its period."""

IN_APRIL = BEFORE_APRIL + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def limited(world: World) -> None:
    world.plan(limits={"day": 5, "period": 8})
    world.now = BEFORE_APRIL


def test_a_hold_taken_before_the_reset_and_settled_after_it_counts_in_its_own_windows(
    world: World,
) -> None:
    """B6"""
    opened = world.create()
    world.now = IN_APRIL
    assert row(world.check(), "day") == (5, 0, 0)
    reported = world.report(opened, "success")
    assert row(reported.quota, "day") == (5, 0, 0)
    assert row(reported.quota) == (8, 0, 0)
    day = world.day("2027-03-31")
    assert (day["used"], day["success"], day["failed"], day["byType"]) == (1, 1, 0, {"image": 1})
    assert [each["used"] for each in world.closed("period")] == [1]
    assert [each["used"] for each in world.closed("month")] == [1]
    assert world.user()["currentPeriodCount"] == 0
    assert world.user()["generatedCount"] == 1
    assert_books_balance(world.db)


def test_a_hold_given_back_after_the_reset_makes_no_room_in_the_new_window(world: World) -> None:
    """B5"""
    opened = [world.create() for _ in range(3)]
    world.now = IN_APRIL
    for _ in range(5):
        world.generate()
    with pytest.raises(QuotaExceeded):
        world.create()
    world.report(opened[0], "failed")
    world.report(opened[1], "cancelled")
    with pytest.raises(QuotaExceeded):
        world.create()
    assert row(world.check(), "day") == (5, 5, 0)
    day = world.day("2027-03-31")
    assert (day["used"], day["success"], day["failed"]) == (0, 0, 2)
    assert_books_balance(world.db)


def test_what_the_old_windows_had_counted_already_stays_when_a_late_report_adds_to_them(
    world: World,
) -> None:
    """B5, B6: also when the windows were closed by the job before the report."""
    world.generate()
    opened = world.create(type="video", count=2)
    world.now = IN_APRIL
    assert world.reset_periods().users == 1
    assert world.day("2027-03-31")["used"] == 1
    world.report(opened, "success")
    day = world.day("2027-03-31")
    assert (day["used"], day["byType"]) == (3, {"image": 1, "video": 2})
    assert day["timezone"] == "UTC"
    assert [each["used"] for each in world.closed("period")] == [3]
    assert_books_balance(world.db)


def test_a_hold_settled_on_the_next_day_of_the_same_period_leaves_the_period_its_charge(
    world: World,
) -> None:
    """B6: each of its windows for itself."""
    world.now = START.replace(hour=23, minute=55)
    opened = world.create()
    world.pass_time(minutes=10)
    world.report(opened, "success")
    assert world.day("2027-03-15")["used"] == 1
    decision = world.check()
    assert row(decision, "day") == (5, 0, 0)
    assert row(decision) == (8, 1, 0)
    assert world.closed("period") == []


def test_an_open_hold_counts_in_no_window_but_its_own(world: World) -> None:
    """C10, B6: what was reserved yesterday takes no room of today."""
    for _ in range(5):
        world.create()
    world.now = IN_APRIL
    assert row(world.check(), "day") == (5, 0, 0)
    assert row(world.check()) == (8, 0, 0)
    for _ in range(5):
        world.create()
    assert row(world.check(), "day") == (5, 0, 5)


def test_a_hold_is_settled_in_the_terms_it_was_taken_in_after_a_change_of_plan(
    world: World,
) -> None:
    """B7: price, windows and split stay what they were."""
    world.plan("plus", limits={"week": 50, "period": 100}, prices=[{"credits": 7}])
    opened = world.create(count=2)
    world.edit(planId="plus")
    world.report(opened, "success")
    decision = world.check()
    assert decision.plan_id == "plus"
    assert row(decision) == (100, 2, 0)
    assert row(decision, "week") == (50, 2, 0), "counted also while no plan named the window"
    record = world.record(opened)
    assert (record["planId"], record["credits"], record["charged"]) == ("free", 2, 2)


def test_a_hold_taken_under_a_subscription_is_given_back_after_it_ended(world: World) -> None:
    """B7"""
    world.plan("plus", limits={"period": 100})
    world.check()
    world.subscribe(BEFORE_APRIL - timedelta(days=10), IN_APRIL, cancelAtPeriodEnd=True)
    opened = world.create(count=9)
    assert world.record(opened)["subscriptionId"] == "s1"
    world.now = IN_APRIL
    decision = world.check()
    assert decision.plan_id == "free"
    assert row(decision) == (8, 0, 9), "the paid period runs on; its allowance is the free plan's"
    assert decision.can_generate is False
    world.report(opened, "failed")
    assert row(world.check()) == (8, 0, 0)
    assert_books_balance(world.db)


def test_a_grant_that_expired_meanwhile_still_pays_for_the_hold_that_it_was_taken_for(
    world: World,
) -> None:
    """B6, D17"""
    world.plan(limits={"period": 1})
    world.check()
    world.grant("top-up", 5, expires_at=BEFORE_APRIL + timedelta(minutes=5))
    opened = world.create(count=4)
    world.pass_time(minutes=6)
    assert world.check().grants_remaining == 0
    reported = world.report(opened, "success")
    assert reported.generation.charged == 4
    assert world.user()["quota"]["grants"]["top-up"]["used"] == 3
    assert world.closed("period")[0]["used"] == 1, "the plan's own part"
    assert_books_balance(world.db)


def test_what_is_given_back_to_a_grant_that_expired_meanwhile_is_lost(world: World) -> None:
    """D17: nothing of it turns into room elsewhere."""
    world.plan(limits={"period": 0})
    world.check()
    world.grant("top-up", 5, expires_at=BEFORE_APRIL + timedelta(minutes=3))
    opened = world.create(count=4)
    world.pass_time(minutes=4)
    reported = world.report(opened, "failed")
    assert reported.quota.grants_remaining == 0
    assert row(reported.quota) == (0, 0, 0)
    with pytest.raises(QuotaExceeded):
        world.create()


def test_what_is_given_back_to_a_grant_may_be_spent_again(world: World) -> None:
    """D12: across the reset of the plan's own windows."""
    world.plan(limits={"period": 0})
    world.check()
    world.grant("top-up", 5)
    opened = world.create(count=4)
    assert opened.quota.grants_remaining == 1
    world.now = IN_APRIL
    assert world.report(opened, "failed").quota.grants_remaining == 5
    assert world.create(count=5).quota.grants_remaining == 0


def test_outputs_beyond_what_was_asked_for_are_counted_but_not_charged(world: World) -> None:
    """B16: the price was taken at create."""
    opened = world.create(count=1)
    reported = world.report(opened, "success", outputs=10)
    assert reported.generation.charged == 1
    assert world.user()["outputCount"] == 10
    assert row(world.check()) == (8, 1, 0)


def test_a_price_that_changes_while_a_generation_runs_changes_nothing_for_it(
    world: World,
) -> None:
    """B7, D13"""
    world.plan(limits={"period": 8}, prices=[{"type": "video", "credits": 3}])
    opened = world.create(type="video")
    world.plan(limits={"period": 8}, prices=[{"type": "video", "credits": 6}])
    assert world.report(opened, "success").generation.charged == 3
    assert row(world.check(type="video")) == (8, 3, 0)
