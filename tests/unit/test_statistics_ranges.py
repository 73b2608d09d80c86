"""Ranges of days: distinct users, percentiles, and the comparison with the range before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Status
from genquota.domain.statistics.aggregation import aggregate_by_day, day_of
from genquota.domain.statistics.daily import StatusCounts
from genquota.domain.statistics.durations import BUCKETS, bucket_of, percentiles
from genquota.domain.statistics.ranges import (
    LONGEST_RANGE,
    ActiveUsers,
    DateRange,
    RangeStatistics,
    active_users,
    change,
    range_statistics,
)
from tests.unit.closed_generations import START, ZONE, closed, histories

if TYPE_CHECKING:
    from genquota.domain.statistics.daily import ClosedGeneration

FIRST = date(2027, 3, 20)
A_DAY = timedelta(days=1)


def statistics_of(range_: DateRange, *generations: ClosedGeneration) -> RangeStatistics:
    days = aggregate_by_day(((each, 1) for each in generations), ZONE)
    return range_statistics(range_, (day.statistics for day in days.values()), ZONE.key)


@given(histories(), st.integers(0, 100), st.integers(1, LONGEST_RANGE))
def test_distinct_users_of_any_range_are_exact(
    history: list[ClosedGeneration], start: int, length: int
) -> None:
    range_ = DateRange.ending(FIRST + (start + length - 1) * A_DAY, length)
    within = [
        each for each in history if range_.first <= day_of(each.created_at, ZONE) <= range_.last
    ]
    new = {each.uid for each in within if each.previous_at is None}
    found = statistics_of(range_, *history).active
    assert found == ActiveUsers(len({each.uid for each in within}), len(new))
    assert found.returning == found.total - len(new)


@given(st.lists(st.integers(100, 109 * 60_000), min_size=1, max_size=200))
def test_percentiles_are_within_their_bound(durations: list[int]) -> None:
    found = percentiles(
        {bucket: sum(bucket_of(each) == bucket for each in durations) for bucket in range(BUCKETS)}
    )
    assert found
    assert found.count == len(durations)
    for share, value in ((50, found.p50), (95, found.p95), (99, found.p99)):
        right = sorted(durations)[ceil(len(durations) * share / 100) - 1]
        assert right / 1.045 - 0.5 <= value <= right * 1.045 + 0.5


def test_durations_beyond_the_buckets_are_in_the_first_and_the_last() -> None:
    assert [bucket_of(each) for each in (-5, 0, 100, 109)] == [0, 0, 0, 0]
    assert bucket_of(110) == 1
    assert bucket_of(10**9) == BUCKETS - 1
    assert percentiles({}) is None


def test_a_range_has_a_day_for_each_date_and_the_sums_of_all() -> None:
    generations = [
        closed("g1", duration_ms=1000, charged=2),
        closed("g2", created_at=START + 2 * A_DAY, previous_at=START, type="video", outputs=3),
        closed("g3", created_at=START + 2 * A_DAY, uid="bob", status=Status.CANCELLED, charged=0),
        closed("g4", created_at=START + 9 * A_DAY),
    ]
    found = statistics_of(DateRange(FIRST, FIRST + 2 * A_DAY), *generations)
    assert [day.total for day in found.days] == [1, 0, 2]
    assert (found.total, found.charged, found.outputs) == (3, 3, 5)
    assert found.counts == StatusCounts(success=2, cancelled=1, charged=3)
    assert found.success_rate == pytest.approx(2 / 3)
    assert found.by_type == {
        "image": StatusCounts(success=1, cancelled=1, charged=2),
        "video": StatusCounts(success=1, charged=1),
    }
    assert found.active == ActiveUsers(2, 2)
    assert found.durations["image"].count == 1
    saturday, monday = found.hours[5], found.hours[0]
    assert (saturday[10], monday[10], sum(map(sum, found.hours))) == (1, 2, 3)


def test_a_range_without_generations_has_no_rate() -> None:
    empty = range_statistics(DateRange(FIRST, FIRST), [], "UTC")
    assert empty.success_rate is None
    assert change(empty, empty, START + 5 * A_DAY).total is None
    other = statistics_of(DateRange(FIRST, FIRST), closed("g1"))
    assert other.success_rate == 1
    for pair in ((empty, other), (other, empty)):
        assert change(*pair, START + 5 * A_DAY).success_rate is None


def test_many_names_over_days_are_all_kept() -> None:
    generations = [
        closed(f"g{day}-{n}", engine=f"e{day}-{n}", created_at=START + day * A_DAY)
        for day in range(2)
        for n in range(40)
    ]
    assert len(statistics_of(DateRange(FIRST, FIRST + A_DAY), *generations).by_engine) == 80


@pytest.mark.parametrize("days", [0, LONGEST_RANGE + 1])
def test_a_range_has_bounds(days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        DateRange.ending(FIRST, days)


def test_the_range_before_ends_the_day_before() -> None:
    week = DateRange.ending(date(2027, 3, 7), 7)
    assert (week.first, week.length) == (date(2027, 3, 1), 7)
    assert week.before == DateRange(date(2027, 2, 22), date(2027, 2, 28))


def test_a_range_that_is_over_is_compared_in_everything() -> None:
    today = DateRange(FIRST, FIRST)
    failed = closed("g3", status=Status.FAILED, charged=0, outputs=0, previous_at=START)
    now = [closed("g1"), closed("g2", previous_at=START), failed]
    before = [closed("g0", created_at=START - A_DAY, outputs=4, charged=4, uid="bob")]
    found = change(statistics_of(today, *now), statistics_of(today.before, *before), START + A_DAY)
    assert (found.total, found.charged, found.outputs, found.active) == (2.0, -0.5, -0.5, 0.0)
    assert found.success_rate == pytest.approx(-1 / 3)


def test_a_day_that_is_not_over_is_compared_with_the_same_hours() -> None:
    today = DateRange(FIRST, FIRST)
    hour = timedelta(hours=1)
    now = [closed("g1"), closed("g2", created_at=START + 2 * hour)]
    before = [closed(f"b{n}", created_at=START - A_DAY + n * hour) for n in range(8)]
    as_of = datetime(2027, 3, 20, 11, 30, tzinfo=UTC)  # 12:30 in Berlin, so 10 and 11 are over
    found = change(statistics_of(today, *now), statistics_of(today.before, *before), as_of)
    assert found.total == -0.5
    assert (found.charged, found.active) == (None, None)


def test_users_of_days_in_any_order() -> None:
    days = [
        each.statistics
        for each in aggregate_by_day([(closed("a"), 1), (closed("b", uid="bob"), 1)], ZONE).values()
    ]
    assert active_users(DateRange(FIRST, FIRST), reversed(days)) == ActiveUsers(2, 2)
