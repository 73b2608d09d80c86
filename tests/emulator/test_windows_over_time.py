"""Windows as a user lives through them: edges, zones, purchases, idle months, missed jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import QuotaExceeded
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

DAY_LIMIT = {"day": 2, "period": 100}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(env: Environment, window: str) -> list[tuple[datetime, datetime]]:
    found = [each for each in env.check().usages if each.window == window]
    return [(each.start, each.resets_at) for each in found]


def test_an_instant_at_the_very_edge_belongs_to_the_window_that_begins(
    env: Environment,
) -> None:
    """C4: half-open, counted once."""
    env.plan(limits=DAY_LIMIT)
    env.now = at("2027-03-15 23:59:59")
    env.generate()
    env.now = at("2027-03-16 00:00:00")
    env.generate()
    assert row(env.check(), "day") == (2, 1, 0)
    assert env.day("2027-03-15")["used"] == 1
    assert row(env.check()) == (100, 2, 0)


def test_a_grant_that_begins_at_the_very_reset_is_there_once(env: Environment) -> None:
    """C4"""
    env.plan(limits={"period": 1})
    env.generate()
    env.now = at("2027-04-01")
    env.grant("april", 3, expires_at=at("2027-05-01"))
    assert env.check().grants_remaining == 3
    env.reset_periods()
    assert env.check().grants_remaining == 3
    env.now = at("2027-05-01")
    assert env.check().grants_remaining == 0


def test_each_exhausted_window_names_its_own_reset(env: Environment) -> None:
    """C12"""
    env.plan(limits={"day": 2, "month": 3})
    for _ in range(2):
        env.generate()
    with pytest.raises(QuotaExceeded) as by_day:
        env.create()
    assert (by_day.value.window, by_day.value.resets_at) == ("day", at("2027-03-16"))
    env.now = at("2027-03-16")
    env.generate()
    with pytest.raises(QuotaExceeded) as by_month:
        env.create()
    assert (by_month.value.window, by_month.value.resets_at) == ("month", at("2027-04-01"))


def test_a_period_from_january_31_ends_in_february_and_begins_on_march_31_again(
    env: Environment,
) -> None:
    """C1, C3, C9: stepped from the original anchor."""
    env.plan("plus", limits={"period": 5})
    env.now = at("2027-01-31 12:00:00")
    env.check()
    ends = []
    env.subscribe(env.now, at("2028-01-31"), planId="plus")
    for _ in range(4):
        ends.append(spans(env, "period")[0][1])
        env.generate()
        env.now = ends[-1]
        assert row(env.check()) == (5, 0, 0)
    assert ends == [
        at("2027-02-28 12:00:00"),
        at("2027-03-31 12:00:00"),
        at("2027-04-30 12:00:00"),
        at("2027-05-31 12:00:00"),
    ]
    assert [each["used"] for each in env.closed("period")] == [1, 1, 1]
    assert_counters_match_records(env.db)


def test_a_subscription_for_a_year_gives_its_credits_each_month(env: Environment) -> None:
    """C11, C2: from a leap day."""
    env.plan("plus", limits={"period": 5})
    env.now = at("2028-02-29 08:00:00")
    env.check()
    env.subscribe(env.now, at("2029-02-28 08:00:00"))
    for expected in ("2028-03-29 08:00:00", "2028-04-29 08:00:00"):
        for _ in range(5):
            env.generate()
        with pytest.raises(QuotaExceeded) as refused:
            env.create()
        assert refused.value.resets_at == at(expected)
        env.now = at(expected)
    env.now = at("2029-02-20 08:00:00")
    assert spans(env, "period") == [(at("2029-01-29 08:00:00"), at("2029-02-28 08:00:00"))]


def test_a_change_of_time_zone_mints_no_second_day(env: Environment) -> None:
    """C7: the running day keeps its end; a short piece joins the day after it."""
    env.plan(limits=DAY_LIMIT)
    env.now = at("2027-03-15 22:00:00")
    for _ in range(2):
        env.generate()
    used = 2
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "UTC") * 6:
        env.change_profile(timezone=zone)
        env.pass_time(hours=3)
        if env.check().can_generate:
            env.generate()
            used += 1
    # 72 hours have passed: 3 days' worth at the most, beside the day that ran already.
    assert used <= 2 + 3 * 2
    assert_counters_match_records(env.db)


def test_a_new_time_zone_shapes_the_next_day(env: Environment) -> None:
    """C7"""
    env.plan(limits=DAY_LIMIT)
    env.generate()
    env.change_profile(timezone="America/New_York")
    assert spans(env, "day") == [(at("2027-03-15"), at("2027-03-16"))]
    env.now = at("2027-03-16 00:00:00")
    # New York's Monday ends at 04:00 UTC: that piece joins its Tuesday.
    assert spans(env, "day") == [(at("2027-03-16"), at("2027-03-17 04:00:00"))]
    env.generate()
    env.now = at("2027-03-17 04:00:00")
    assert spans(env, "day") == [(at("2027-03-17 04:00:00"), at("2027-03-18 04:00:00"))]
    env.reset_periods()
    days = [env.day(date) for date in ("2027-03-15", "2027-03-16")]
    assert [(day["used"], day["timezone"]) for day in days] == [(1, "UTC"), (1, "America/New_York")]


@pytest.mark.parametrize(
    ("zone", "noon", "hours"),
    [
        ("Europe/Berlin", "2027-03-28 12:00:00", 23),
        ("Europe/Berlin", "2027-10-31 12:00:00", 25),
        ("America/Santiago", "2027-09-05 12:00:00", 23),
    ],
    ids=["23 hours", "25 hours", "no midnight"],
)
def test_days_are_as_long_as_the_clocks_make_them(
    env: Environment, zone: str, noon: str, hours: int
) -> None:
    """C7, C8: each zone is named, never the machine's."""
    env.edit(timezone=zone)
    env.now = at(noon)
    ((start, end),) = spans(env, "day")
    assert end - start == timedelta(hours=hours)
    env.generate()
    env.now = end
    assert row(env.check(), "day") == (-1, 0, 0)


def test_a_purchase_ends_the_running_period_once_and_each_renewal_once_more(
    env: Environment,
) -> None:
    """A12, D10: the same news twice, or late, begins nothing."""
    env.plan("plus", limits={"period": 5})
    for _ in range(7):
        env.generate()
    env.pass_time(hours=1)
    bought = env.now
    for used in (0, 1):
        env.subscribe(bought, at("2027-04-15 10:00:00"))
        assert row(env.check()) == (5, used, 0)
        env.generate()
    env.now = at("2027-04-14 10:00:00")
    env.subscribe(at("2027-04-14 10:00:00"), at("2027-05-14 10:00:00"), anchor=bought)
    assert row(env.check()) == (5, 0, 0), "renewed a day early: its period begins now"
    for _ in range(2):
        env.generate()
        env.subscribe(at("2027-04-14 10:00:00"), at("2027-05-14 10:00:00"), anchor=bought)
    env.subscribe(bought, at("2027-04-15 10:00:00"))
    assert row(env.check()) == (5, 2, 0), "an older period that comes late begins nothing"
    assert [each["used"] for each in env.closed("period")] == [7, 2]
    assert_counters_match_records(env.db)


def test_buying_and_leaving_in_turn_mints_one_allowance_for_each_purchase_and_no_more(
    env: Environment,
) -> None:
    """D10: a plan that is given and taken by an operator begins no period."""
    env.plan("plus", limits={"period": 12})
    for _ in range(10):
        env.generate()
    for plan_id, used in (("plus", 10), ("free", 11), ("plus", 11), ("free", 12)):
        env.edit(planId=plan_id)
        assert row(env.check())[1] == used
        if plan_id == "plus" and env.check().can_generate:
            env.generate()
    assert row(env.check()) == (10, 12, 0)


def test_a_lowered_limit_is_obeyed_on_the_next_call_and_a_raised_one_too(
    env: Environment,
) -> None:
    """A13"""
    for _ in range(4):
        env.generate()
    env.plan(limits={"period": 3})
    decision = env.check()
    assert row(decision) == (3, 4, 0)
    assert decision.can_generate is False
    assert decision.tightest_limit is not None
    assert decision.tightest_limit.remaining == 0, "never below zero"
    env.plan(limits={"period": 5})
    assert env.create().quota.can_generate is False


def test_a_limit_that_a_plan_gains_knows_what_was_used_before(env: Environment) -> None:
    """D13"""
    for _ in range(4):
        env.generate()
    env.plan(limits={"week": 5})
    assert row(env.check(), "week") == (5, 4, 0)


def test_after_months_without_a_call_all_windows_are_those_of_today(env: Environment) -> None:
    """C6, C10: idle increments leak nowhere, and no job was needed."""
    env.plan(limits={"day": 2, "week": 5, "month": 8, "period": 10})
    env.generate()
    opened = env.create()
    env.now = START + timedelta(days=200)
    decision = env.check()
    for window, limit in (("day", 2), ("week", 5), ("month", 8), ("period", 10)):
        assert row(decision, window) == (limit, 0, 0)
    assert spans(env, "month") == [(at("2027-10-01"), at("2027-11-01"))]
    env.generate()
    assert env.day("2027-03-15")["used"] == 1
    assert [each["used"] for each in env.closed("month")] == [1]
    env.report(opened, "success")
    assert env.day("2027-03-15")["used"] == 2
    assert [each["used"] for each in env.closed("week")] == [2]
    assert_counters_match_records(env.db)
