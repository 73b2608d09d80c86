"""Windows as a user lives through them: edges, zones, purchases, idle months, missed jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import QuotaExceeded
from tests.emulator.books import assert_books_balance
from tests.emulator.world import START, row

if TYPE_CHECKING:
    from tests.emulator.world import World

DAY_LIMIT = {"day": 2, "period": 100}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(world: World, window: str) -> list[tuple[datetime, datetime]]:
    found = [each for each in world.check().usages if each.window == window]
    return [(each.start, each.resets_at) for each in found]


def test_an_instant_at_the_very_edge_belongs_to_the_window_that_begins(world: World) -> None:
    """C4: half-open, counted once."""
    world.plan(limits=DAY_LIMIT)
    world.now = at("2027-03-15 23:59:59")
    world.generate()
    world.now = at("2027-03-16 00:00:00")
    world.generate()
    assert row(world.check(), "day") == (2, 1, 0)
    assert world.day("2027-03-15")["used"] == 1
    assert row(world.check()) == (100, 2, 0)


def test_a_grant_that_begins_at_the_very_reset_is_there_once(world: World) -> None:
    """C4"""
    world.plan(limits={"period": 1})
    world.generate()
    world.now = at("2027-04-01")
    world.grant("april", 3, expires_at=at("2027-05-01"))
    assert world.check().grants_remaining == 3
    world.reset_periods()
    assert world.check().grants_remaining == 3
    world.now = at("2027-05-01")
    assert world.check().grants_remaining == 0


def test_each_exhausted_window_names_its_own_reset(world: World) -> None:
    """C12"""
    world.plan(limits={"day": 2, "month": 3})
    for _ in range(2):
        world.generate()
    with pytest.raises(QuotaExceeded) as by_day:
        world.create()
    assert (by_day.value.window, by_day.value.resets_at) == ("day", at("2027-03-16"))
    world.now = at("2027-03-16")
    world.generate()
    with pytest.raises(QuotaExceeded) as by_month:
        world.create()
    assert (by_month.value.window, by_month.value.resets_at) == ("month", at("2027-04-01"))


def test_a_period_from_january_31_ends_in_february_and_begins_on_march_31_again(
    world: World,
) -> None:
    """C1, C3, C9: stepped from the original anchor."""
    world.plan("plus", limits={"period": 5})
    world.now = at("2027-01-31 12:00:00")
    world.check()
    ends = []
    world.subscribe(world.now, at("2028-01-31"), planId="plus")
    for _ in range(4):
        ends.append(spans(world, "period")[0][1])
        world.generate()
        world.now = ends[-1]
        assert row(world.check()) == (5, 0, 0)
    assert ends == [
        at("2027-02-28 12:00:00"),
        at("2027-03-31 12:00:00"),
        at("2027-04-30 12:00:00"),
        at("2027-05-31 12:00:00"),
    ]
    assert [each["used"] for each in world.closed("period")] == [1, 1, 1]
    assert_books_balance(world.db)


def test_a_subscription_for_a_year_gives_its_credits_each_month(world: World) -> None:
    """C11, C2: from a leap day."""
    world.plan("plus", limits={"period": 5})
    world.now = at("2028-02-29 08:00:00")
    world.check()
    world.subscribe(world.now, at("2029-02-28 08:00:00"))
    for expected in ("2028-03-29 08:00:00", "2028-04-29 08:00:00"):
        for _ in range(5):
            world.generate()
        with pytest.raises(QuotaExceeded) as refused:
            world.create()
        assert refused.value.resets_at == at(expected)
        world.now = at(expected)
    world.now = at("2029-02-20 08:00:00")
    assert spans(world, "period") == [(at("2029-01-29 08:00:00"), at("2029-02-28 08:00:00"))]


def test_a_change_of_time_zone_mints_no_second_day(world: World) -> None:
    """C7: the running day keeps its end; a short piece joins the day after it."""
    world.plan(limits=DAY_LIMIT)
    world.now = at("2027-03-15 22:00:00")
    for _ in range(2):
        world.generate()
    used = 2
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "UTC") * 6:
        world.change_profile(timezone=zone)
        world.pass_time(hours=3)
        if world.check().can_generate:
            world.generate()
            used += 1
    # 72 hours have passed: 3 days' worth at the most, beside the day that ran already.
    assert used <= 2 + 3 * 2
    assert_books_balance(world.db)


def test_a_new_time_zone_shapes_the_next_day(world: World) -> None:
    """C7"""
    world.plan(limits=DAY_LIMIT)
    world.generate()
    world.change_profile(timezone="America/New_York")
    assert spans(world, "day") == [(at("2027-03-15"), at("2027-03-16"))]
    world.now = at("2027-03-16 00:00:00")
    # New York's Monday ends at 04:00 UTC: that piece joins its Tuesday.
    assert spans(world, "day") == [(at("2027-03-16"), at("2027-03-17 04:00:00"))]
    world.generate()
    world.now = at("2027-03-17 04:00:00")
    assert spans(world, "day") == [(at("2027-03-17 04:00:00"), at("2027-03-18 04:00:00"))]
    world.reset_periods()
    days = [world.day(date) for date in ("2027-03-15", "2027-03-16")]
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
    world: World, zone: str, noon: str, hours: int
) -> None:
    """C7, C8: each zone is named, never the machine's."""
    world.edit(timezone=zone)
    world.now = at(noon)
    ((start, end),) = spans(world, "day")
    assert end - start == timedelta(hours=hours)
    world.generate()
    world.now = end
    assert row(world.check(), "day") == (-1, 0, 0)


def test_a_purchase_ends_the_running_period_once_and_each_renewal_once_more(
    world: World,
) -> None:
    """A12, D10: the same news twice, or late, begins nothing."""
    world.plan("plus", limits={"period": 5})
    for _ in range(7):
        world.generate()
    world.pass_time(hours=1)
    bought = world.now
    for used in (0, 1):
        world.subscribe(bought, at("2027-04-15 10:00:00"))
        assert row(world.check()) == (5, used, 0)
        world.generate()
    world.now = at("2027-04-14 10:00:00")
    world.subscribe(at("2027-04-14 10:00:00"), at("2027-05-14 10:00:00"), anchor=bought)
    assert row(world.check()) == (5, 0, 0), "renewed a day early: its period begins now"
    for _ in range(2):
        world.generate()
        world.subscribe(at("2027-04-14 10:00:00"), at("2027-05-14 10:00:00"), anchor=bought)
    world.subscribe(bought, at("2027-04-15 10:00:00"))
    assert row(world.check()) == (5, 2, 0), "an older period that comes late begins nothing"
    assert [each["used"] for each in world.closed("period")] == [7, 2]
    assert_books_balance(world.db)


def test_buying_and_leaving_in_turn_mints_one_allowance_for_each_purchase_and_no_more(
    world: World,
) -> None:
    """D10: a plan that is given and taken by an operator begins no period."""
    world.plan("plus", limits={"period": 12})
    for _ in range(10):
        world.generate()
    for plan_id, used in (("plus", 10), ("free", 11), ("plus", 11), ("free", 12)):
        world.edit(planId=plan_id)
        assert row(world.check())[1] == used
        if plan_id == "plus" and world.check().can_generate:
            world.generate()
    assert row(world.check()) == (10, 12, 0)


def test_a_lowered_limit_is_obeyed_on_the_next_call_and_a_raised_one_too(world: World) -> None:
    """A13"""
    for _ in range(4):
        world.generate()
    world.plan(limits={"period": 3})
    decision = world.check()
    assert row(decision) == (3, 4, 0)
    assert decision.can_generate is False
    assert decision.tightest_limit is not None
    assert decision.tightest_limit.remaining == 0, "never below zero"
    world.plan(limits={"period": 5})
    assert world.create().quota.can_generate is False


def test_a_limit_that_a_plan_gains_knows_what_was_used_before(world: World) -> None:
    """D13"""
    for _ in range(4):
        world.generate()
    world.plan(limits={"week": 5})
    assert row(world.check(), "week") == (5, 4, 0)


def test_after_months_without_a_call_all_windows_are_those_of_today(world: World) -> None:
    """C6, C10: idle increments leak nowhere, and no job was needed."""
    world.plan(limits={"day": 2, "week": 5, "month": 8, "period": 10})
    world.generate()
    opened = world.create()
    world.now = START + timedelta(days=200)
    decision = world.check()
    for window, limit in (("day", 2), ("week", 5), ("month", 8), ("period", 10)):
        assert row(decision, window) == (limit, 0, 0)
    assert spans(world, "month") == [(at("2027-10-01"), at("2027-11-01"))]
    world.generate()
    assert world.day("2027-03-15")["used"] == 1
    assert [each["used"] for each in world.closed("month")] == [1]
    world.report(opened, "success")
    assert world.day("2027-03-15")["used"] == 2
    assert [each["used"] for each in world.closed("week")] == [2]
    assert_books_balance(world.db)
