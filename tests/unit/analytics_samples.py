"""The analytics of a range in which a few made-up users generated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING

from genquota.domain.enums import Status
from genquota.domain.statistics.aggregation import aggregate_by_day
from genquota.domain.statistics.analytics import Analytics, visibility_of
from genquota.domain.statistics.ranges import DateRange, change, range_statistics
from genquota.domain.statistics.top_lists import LIST_NAMES, TopList
from tests.unit.closed_generations import START, ZONE, closed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genquota.domain.statistics.daily import ClosedGeneration

RANGE = DateRange(START.date(), START.date() + timedelta(days=1))
NOW = datetime(2027, 3, 21, 12, tzinfo=UTC)
"""Noon of the last day."""


def history(users: int) -> list[ClosedGeneration]:
    """Return a success of each user, a failure of the first on the next day, and one two days before."""
    failure = {"status": Status.FAILED, "charged": 0, "outputs": 0, "error": "=timeout after # s"}
    return [
        *(
            closed(f"g{number}", uid=f"u{number}", model="m1", duration_ms=3000)
            for number in range(users)
        ),
        closed("f", uid="u0", created_at=START + timedelta(days=1), previous_at=START, **failure),
        closed("b", uid="u0", created_at=START - timedelta(days=2)),
    ]


def analytics_sample(
    generations: Iterable[ClosedGeneration], *, is_admin: bool, names_are_public: bool = False
) -> Analytics:
    """Return what is told of `RANGE`, whoever it is told to; u1 and u2 have names."""
    days = aggregate_by_day([(each, 1) for each in generations], ZONE)
    sums, before = (
        range_statistics(range_, [day.statistics for day in days.values()], ZONE.key)
        for range_ in (RANGE, RANGE.before)
    )
    inside = [day for date, day in days.items() if date in RANGE.dates]
    return Analytics(
        view=visibility_of(sums.active.total, is_admin=is_admin, names_are_public=names_are_public),
        present=sums,
        before=before,
        change=change(sums, before, NOW),
        today=NOW.date(),
        final=frozenset({START.date()}),
        updated_at=NOW,
        processing=3,
        lists={
            name: reduce(TopList.plus, (day.lists[name] for day in inside if name in day.lists))
            for name in LIST_NAMES
        },
        names={} if is_admin else {"u1": "Ann", "u2": "=Bob"},
    )
