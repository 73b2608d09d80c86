"""Charged, or given back, in the windows and from the grants that a generation was reserved in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import QuotaExceeded
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

BEFORE_APRIL = datetime(2027, 3, 31, 23, 55, tzinfo=UTC)
"""A hold taken here outlives its day, its month and its period."""

IN_APRIL = BEFORE_APRIL + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def limited(env: Environment) -> None:
    env.plan(limits={"day": 5, "period": 8})
    env.now = BEFORE_APRIL


def test_a_hold_taken_before_the_reset_and_settled_after_it_counts_in_its_own_windows(
    env: Environment,
) -> None:
    """B6"""
    opened = env.create()
    env.now = IN_APRIL
    assert row(env.check(), "day") == (5, 0, 0)
    reported = env.report(opened, "success")
    assert row(reported.quota, "day") == (5, 0, 0)
    assert row(reported.quota) == (8, 0, 0)
    day = env.day("2027-03-31")
    assert (day["used"], day["success"], day["failed"], day["byType"]) == (1, 1, 0, {"image": 1})
    assert [each["used"] for each in env.closed("period")] == [1]
    assert [each["used"] for each in env.closed("month")] == [1]
    assert env.user()["currentPeriodCount"] == 0
    assert env.user()["generatedCount"] == 1
    assert_counters_match_records(env.db)


def test_a_hold_given_back_after_the_reset_makes_no_room_in_the_new_window(
    env: Environment,
) -> None:
    """B5"""
    opened = [env.create() for _ in range(3)]
    env.now = IN_APRIL
    for _ in range(5):
        env.generate()
    with pytest.raises(QuotaExceeded):
        env.create()
    env.report(opened[0], "failed")
    env.report(opened[1], "cancelled")
    with pytest.raises(QuotaExceeded):
        env.create()
    assert row(env.check(), "day") == (5, 5, 0)
    day = env.day("2027-03-31")
    assert (day["used"], day["success"], day["failed"]) == (0, 0, 2)
    assert_counters_match_records(env.db)


def test_what_the_old_windows_had_counted_already_stays_when_a_late_report_adds_to_them(
    env: Environment,
) -> None:
    """B5, B6: also when the windows were closed by the job before the report."""
    env.generate()
    opened = env.create(type="video", count=2)
    env.now = IN_APRIL
    assert env.reset_periods().users == 1
    assert env.day("2027-03-31")["used"] == 1
    env.report(opened, "success")
    day = env.day("2027-03-31")
    assert (day["used"], day["byType"]) == (3, {"image": 1, "video": 2})
    assert day["timezone"] == "UTC"
    assert [each["used"] for each in env.closed("period")] == [3]
    assert_counters_match_records(env.db)


def test_a_hold_settled_on_the_next_day_of_the_same_period_leaves_the_period_its_charge(
    env: Environment,
) -> None:
    """B6: each of its windows for itself."""
    env.now = START.replace(hour=23, minute=55)
    opened = env.create()
    env.pass_time(minutes=10)
    env.report(opened, "success")
    assert env.day("2027-03-15")["used"] == 1
    decision = env.check()
    assert row(decision, "day") == (5, 0, 0)
    assert row(decision) == (8, 1, 0)
    assert env.closed("period") == []


def test_an_open_hold_counts_in_no_window_but_its_own(env: Environment) -> None:
    """C10, B6: what was reserved yesterday takes no room of today."""
    for _ in range(5):
        env.create()
    env.now = IN_APRIL
    assert row(env.check(), "day") == (5, 0, 0)
    assert row(env.check()) == (8, 0, 0)
    for _ in range(5):
        env.create()
    assert row(env.check(), "day") == (5, 0, 5)


def test_a_hold_is_settled_in_the_terms_it_was_taken_in_after_a_change_of_plan(
    env: Environment,
) -> None:
    """B7: price, windows and split stay what they were."""
    env.plan("plus", limits={"week": 50, "period": 100}, prices=[{"credits": 7}])
    opened = env.create(count=2)
    env.edit(planId="plus")
    env.report(opened, "success")
    decision = env.check()
    assert decision.plan_id == "plus"
    assert row(decision) == (100, 2, 0)
    assert row(decision, "week") == (50, 2, 0), "counted also while no plan named the window"
    record = env.record(opened)
    assert (record["planId"], record["credits"], record["charged"]) == ("free", 2, 2)


def test_a_hold_taken_under_a_subscription_is_given_back_after_it_ended(
    env: Environment,
) -> None:
    """B7"""
    env.plan("plus", limits={"period": 100})
    env.check()
    env.subscribe(BEFORE_APRIL - timedelta(days=10), IN_APRIL, cancelAtPeriodEnd=True)
    opened = env.create(count=9)
    assert env.record(opened)["subscriptionId"] == "s1"
    env.now = IN_APRIL
    decision = env.check()
    assert decision.plan_id == "free"
    assert row(decision) == (8, 0, 9), "the paid period runs on; its allowance is the free plan's"
    assert decision.can_generate is False
    env.report(opened, "failed")
    assert row(env.check()) == (8, 0, 0)
    assert_counters_match_records(env.db)


def test_a_grant_that_expired_meanwhile_still_pays_for_the_hold_that_it_was_taken_for(
    env: Environment,
) -> None:
    """B6, D17"""
    env.plan(limits={"period": 1})
    env.check()
    env.grant("top-up", 5, expires_at=BEFORE_APRIL + timedelta(minutes=5))
    opened = env.create(count=4)
    env.pass_time(minutes=6)
    assert env.check().grants_remaining == 0
    reported = env.report(opened, "success")
    assert reported.generation.charged == 4
    assert env.user()["quota"]["grants"]["top-up"]["used"] == 3
    assert env.closed("period")[0]["used"] == 1, "the plan's own part"
    assert_counters_match_records(env.db)


def test_what_is_given_back_to_a_grant_that_expired_meanwhile_is_lost(
    env: Environment,
) -> None:
    """D17: nothing of it turns into room elsewhere."""
    env.plan(limits={"period": 0})
    env.check()
    env.grant("top-up", 5, expires_at=BEFORE_APRIL + timedelta(minutes=3))
    opened = env.create(count=4)
    env.pass_time(minutes=4)
    reported = env.report(opened, "failed")
    assert reported.quota.grants_remaining == 0
    assert row(reported.quota) == (0, 0, 0)
    with pytest.raises(QuotaExceeded):
        env.create()


def test_what_is_given_back_to_a_grant_may_be_spent_again(env: Environment) -> None:
    """D12: across the reset of the plan's own windows."""
    env.plan(limits={"period": 0})
    env.check()
    env.grant("top-up", 5)
    opened = env.create(count=4)
    assert opened.quota.grants_remaining == 1
    env.now = IN_APRIL
    assert env.report(opened, "failed").quota.grants_remaining == 5
    assert env.create(count=5).quota.grants_remaining == 0


def test_outputs_beyond_what_was_asked_for_are_counted_but_not_charged(
    env: Environment,
) -> None:
    """B16: the price was taken at create."""
    opened = env.create(count=1)
    reported = env.report(opened, "success", outputs=10)
    assert reported.generation.charged == 1
    assert env.user()["outputCount"] == 10
    assert row(env.check()) == (8, 1, 0)


def test_a_price_that_changes_while_a_generation_runs_changes_nothing_for_it(
    env: Environment,
) -> None:
    """B7, D13"""
    env.plan(limits={"period": 8}, prices=[{"type": "video", "credits": 3}])
    opened = env.create(type="video")
    env.plan(limits={"period": 8}, prices=[{"type": "video", "credits": 6}])
    assert env.report(opened, "success").generation.charged == 3
    assert row(env.check(type="video")) == (8, 3, 0)
