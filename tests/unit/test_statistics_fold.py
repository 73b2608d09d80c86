"""Statistics of days: adding up in pieces comes to the same as counting anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Status
from genquota.domain.statistics.aggregation import DayTotals, aggregate_by_day
from genquota.domain.statistics.daily import (
    LONGEST_GAP,
    MOST_NAMES,
    NEW,
    OTHER,
    DayStatistics,
    StatusCounts,
)
from genquota.domain.statistics.top_lists import LONGEST, TopList
from tests.unit.closed_generations import START, ZONE, closed, histories

if TYPE_CHECKING:
    from genquota.domain.statistics.daily import ClosedGeneration

DAY = date(2027, 3, 20)


def days_of(*generations: ClosedGeneration) -> dict[date, DayTotals]:
    return aggregate_by_day(((each, 1) for each in generations), ZONE)


def day_of(*generations: ClosedGeneration) -> DayStatistics:
    (day,) = days_of(*generations).values()
    return day.statistics


def added(one: dict[date, DayTotals], other: dict[date, DayTotals]) -> dict[date, DayTotals]:
    """Return the sum, without days of which nothing is left."""
    total = dict(one)
    for each, day in other.items():
        total[each] = total[each].plus(day) if each in total else day
    return {
        each: DayTotals(
            day.statistics,
            {name: kept for name, kept in day.lists.items() if kept.entries},
        )
        for each, day in total.items()
        if day.statistics.total
    }


@given(histories(), st.randoms(use_true_random=False), st.integers(1, 9))
def test_pages_in_any_cut_and_order_come_to_the_same(
    history: list[ClosedGeneration], random: object, size: int
) -> None:
    whole = added({}, days_of(*history))
    shuffled = sorted(history, key=lambda _each: random.random())  # type: ignore[attr-defined] # a Random
    total: dict[date, DayTotals] = {}
    for start in range(0, len(shuffled), size):
        total = added(total, days_of(*shuffled[start : start + size]))
    assert total == whole


@given(histories(), st.data())
def test_changes_come_to_the_same_as_counting_anew(
    history: list[ClosedGeneration], data: st.DataObject
) -> None:
    """A late success, a refund, or both; before the generation itself is counted or after."""
    signed = [(each, 1) for each in history]
    now = []
    for each in history:
        is_ = each
        if each.status is Status.EXPIRED and data.draw(st.booleans()):
            is_ = replace(
                each, status=Status.SUCCESS, is_late=True, charged=2, outputs=1, duration_ms=900
            )
            signed += [(each, -1), (is_, 1)]
        if is_.charged and data.draw(st.booleans()):
            was, is_ = is_, replace(is_, charged=0, is_refunded=True)
            signed += [(was, -1), (is_, 1)]
        now.append(is_)
    total: dict[date, DayTotals] = {}
    for pair in data.draw(st.permutations(signed)):
        for day, part in aggregate_by_day([pair], ZONE).items():
            total[day] = total[day].plus(part) if day in total else part
    assert added(total, {}) == added({}, days_of(*now))


@given(histories())
def test_totals_are_those_of_the_records(history: list[ClosedGeneration]) -> None:
    days = [day.statistics for day in days_of(*history).values()]
    statuses = Counter(each.status for each in history)
    assert {status: sum(day.counts.of(status) for day in days) for status in statuses} == statuses
    assert sum(day.total for day in days) == len(history)
    assert sum(day.charged for day in days) == sum(each.charged for each in history)
    assert sum(sum(day.hours.values()) for day in days) == len(history)
    assert sum(sum(day.gaps.values()) for day in days) == len(history)


def test_a_generation_is_counted_by_everything_that_it_names() -> None:
    ended = closed(
        model="sdxl", charged=2, outputs=4, is_late=True, is_refunded=True, duration_ms=1000
    )
    (day,) = days_of(ended).values()
    counted = day.statistics
    assert (counted.date, counted.timezone) == (DAY, "Europe/Berlin")
    assert (counted.total, counted.late, counted.charged) == (1, 1, 2)
    assert (counted.refunded, counted.outputs) == (1, 4)
    one = StatusCounts(success=1, charged=2)
    assert counted.by_type == {"image": one}
    assert counted.by_engine == {"sd": one}
    assert counted.by_model == {"sdxl": one}
    assert counted.by_plan == {"free": one}
    assert counted.durations == {"image": {26: 1}}
    assert set(day.lists) == {"users", "prompts"}
    assert day.lists["users"].entries["ada"].charged == 2


def test_a_page_of_more_users_than_a_list_has_keys_is_exact() -> None:
    crowd = [closed(f"g{number}", uid=f"user-{number}") for number in range(LONGEST + 1)]
    (day,) = days_of(*crowd).values()
    assert (len(day.lists["users"].entries), day.lists["users"].is_exact) == (LONGEST + 1, True)
    found = DayTotals(DayStatistics(DAY, ZONE.key)).plus(day).lists["users"]
    assert (len(found.entries), found.rest, found.is_exact) == (LONGEST, 1, False)


def test_what_is_taken_back_leaves_nothing() -> None:
    ended = closed(model="sdxl", duration_ms=1000)
    (day,), (less,) = days_of(ended).values(), aggregate_by_day([(ended, -1)], ZONE).values()
    nothing = day.plus(less)
    assert nothing.statistics == DayStatistics(DAY, ZONE.key)
    assert list(nothing.lists.values()) == [TopList(), TopList()]


def test_a_failure_that_was_given_back_is_not_a_refund() -> None:
    failed = closed(status=Status.FAILED, charged=0, outputs=0, is_refunded=True, error="no")
    (day,) = days_of(failed).values()
    assert day.statistics.refunded == 0
    assert day.statistics.by_type == {"image": StatusCounts(failed=1)}
    assert list(day.lists["errors"].entries) == ["no"]


def test_days_and_hours_are_those_of_the_zone() -> None:
    before_midnight = datetime(2027, 3, 20, 22, 59, tzinfo=UTC)
    after = before_midnight + timedelta(minutes=1)
    summer = datetime(2027, 3, 28, 22, tzinfo=UTC)
    found = days_of(*(closed(created_at=at) for at in (before_midnight, after, summer)))
    assert {day: dict(each.statistics.hours) for day, each in found.items()} == {
        date(2027, 3, 20): {23: 1},
        date(2027, 3, 21): {0: 1},
        date(2027, 3, 29): {0: 1},
    }


def test_gaps_are_days_of_the_calendar() -> None:
    midnight = datetime(2027, 3, 19, 23, tzinfo=UTC)
    gaps = {
        0: START,
        1: midnight - timedelta(seconds=1),
        30: START - timedelta(days=30),
        LONGEST_GAP: START - timedelta(days=500),
        NEW: None,
    }
    for gap, previous in gaps.items():
        assert day_of(closed(previous_at=previous)).gaps == {gap: 1}
    assert day_of(closed(previous_at=START + timedelta(days=2))).gaps == {0: 1}


def stored(*pages: list[ClosedGeneration]) -> DayTotals:
    """Count pages one after the other into one day."""
    return changed(
        DayTotals(DayStatistics(DAY, ZONE.key)), *([(each, 1) for each in p] for p in pages)
    )


def changed(day: DayTotals, *pages: list[tuple[ClosedGeneration, int]]) -> DayTotals:
    for page in pages:
        for more in aggregate_by_day(page, ZONE).values():
            day = day.plus(more)
    return day


def models(number: int, status: Status) -> list[ClosedGeneration]:
    return [replace(closed(f"u{n}"), model=f"m{n}", status=status) for n in range(number)]


def late(was: ClosedGeneration) -> list[tuple[ClosedGeneration, int]]:
    return [(was, -1), (replace(was, status=Status.SUCCESS, is_late=True), 1)]


def test_more_names_than_there_is_room_for_are_counted_as_other() -> None:
    many = [closed(f"u{n}", engine=f"e{n:03}") for n in range(MOST_NAMES + 3)]
    day = stored(many)
    named = day.statistics.by_engine
    assert len(named) == MOST_NAMES + 1
    assert named[OTHER] == StatusCounts(success=3, charged=3)
    again = changed(day, [(each, 1) for each in many]).statistics.by_engine
    assert again[OTHER] == StatusCounts(success=6, charged=6)


def test_a_name_that_the_day_knows_keeps_it_on_a_page_of_many_names() -> None:
    flux = closed("ada", engine="flux")
    many = [closed(f"u{n}", engine=f"e{n:03}") for n in range(MOST_NAMES)]
    named = stored([flux], [*many, flux, flux]).statistics.by_engine
    assert named["flux"] == StatusCounts(success=3, charged=3)
    assert named[OTHER] == StatusCounts(success=1, charged=1)


def test_changes_of_more_names_than_there_is_room_for_leave_nothing_negative() -> None:
    many = models(MOST_NAMES + 10, Status.EXPIRED)
    changes = [pair for each in reversed(many) for pair in late(each)]
    named = changed(stored(many), changes).statistics.by_model
    assert named[OTHER].success == 10
    assert all(each.expired == 0 for each in named.values())


def test_what_is_counted_under_other_stays_there_when_a_name_is_left_empty() -> None:
    """The first changes its model with its late success, and so leaves room for a name."""
    many = models(MOST_NAMES + 1, Status.EXPIRED)
    first, last = many[0], many[-1]
    moved = [(first, -1), (replace(first, model="m1", status=Status.SUCCESS), 1)]
    named = changed(stored(many), moved, late(last), [(first, 1)]).statistics.by_model
    assert last.model not in named
    assert (named[OTHER].success, named[OTHER].expired) == (1, 0)
    assert (named["m0"].expired, named["m1"].expired, named["m1"].success) == (1, 1, 1)
    assert not any(each.takes_back for each in named.values())
