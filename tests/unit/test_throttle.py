"""Buckets of calls: full at first, emptied by calls, filled again within a minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genquota.triggers import admission
from genquota.triggers.admission import RateLimiter


def test_a_minutes_calls_may_come_at_once_and_no_more() -> None:
    buckets = RateLimiter()
    assert [buckets.take("ada", 3, 100.0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("ada", 3, 100.0) == 20.0
    assert buckets.take("bob", 3, 100.0) == 0


def test_a_bucket_fills_up_again() -> None:
    buckets = RateLimiter()
    for _ in range(3):
        buckets.take("ada", 3, 100.0)
    assert buckets.take("ada", 3, 110.0) == 10.0
    assert buckets.take("ada", 3, 120.0) == 0
    assert buckets.take("ada", 3, 120.0) == 20.0
    assert [buckets.take("ada", 3, 1000.0) for _ in range(4)] == [0, 0, 0, 20.0]


@given(st.lists(st.floats(0, 5), max_size=60), st.integers(1, 5))
def test_never_more_than_two_minutes_worth_in_a_minute(pauses: list[float], most: int) -> None:
    buckets, now = RateLimiter(), 1000.0
    taken = []
    for pause in pauses:
        now += pause
        if not buckets.take("ada", most, now):
            taken.append(now)
    for begin in taken:
        assert sum(begin <= at < begin + 60 for at in taken) <= 2 * most


def test_those_who_called_longest_ago_are_forgotten() -> None:
    buckets = RateLimiter()
    for number in range(admission.MOST_CALLERS + 10):
        buckets.take(f"user {number}", 1, 100.0)
    assert len(buckets._buckets) == admission.MOST_CALLERS
    assert buckets.take(f"user {admission.MOST_CALLERS + 9}", 1, 100.0) > 0
