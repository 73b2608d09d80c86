"""Aggregate closed generations into the statistics and lists of their days."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from genquota.domain.enums import Status
from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import (
    LONGEST_GAP,
    NEW,
    ClosedGeneration,
    DayStatistics,
    StatusCounts,
)
from genquota.domain.statistics.durations import bucket_of
from genquota.domain.statistics.top_lists import (
    ERRORS,
    LIST_NAMES,
    PROMPTS,
    USERS,
    TopList,
    TopListEntry,
)

_CHARGED = "charged"


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Counts and lists of one day."""

    statistics: DayStatistics
    lists: Mapping[str, TopList] = field(default_factory=dict)
    """By name, see `LIST_NAMES`; none is empty."""

    def plus(self, other: "DayTotals") -> "DayTotals":
        """Return the sum with what `aggregate_by_day` returned."""
        empty = TopList()
        lists = {
            name: self.lists.get(name, empty).plus(other.lists.get(name, empty))
            for name in LIST_NAMES
            if name in self.lists or name in other.lists
        }
        return DayTotals(self.statistics.plus(other.statistics), lists)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day that an instant (aware) has in a time zone."""
    return at.astimezone(zone).date()


def aggregate_by_day(
    signed: Iterable[tuple[ClosedGeneration, int]], zone: ZoneInfo
) -> dict[date, DayTotals]:
    """Count generations by the day of their creation.

    Args:
        signed: Each generation with 1 to count it, or -1 to take back that it was counted. A change of a
            generation is both: less what it was, plus what it is.
        zone: Whose days.

    Returns:
        What to add to each day.
    """
    by_day: dict[date, list[tuple[ClosedGeneration, int, int]]] = {}
    for generation, sign in signed:
        local = generation.created_at.astimezone(zone)
        by_day.setdefault(local.date(), []).append((generation, sign, local.hour))
    return {day: _fold_day(day, zone, each) for day, each in by_day.items()}


def _fold_day(
    day: date, zone: ZoneInfo, generations: list[tuple[ClosedGeneration, int, int]]
) -> DayTotals:
    sums: Counter[str] = Counter()
    named: tuple[dict[str, Counter[str]], ...] = ({}, {}, {}, {})
    hours: Counter[int] = Counter()
    gaps: Counter[int] = Counter()
    durations: dict[str, Counter[int]] = {}
    listed: dict[str, dict[str, list[int]]] = {name: {} for name in LIST_NAMES}
    for each, sign, hour in generations:
        charged = sign * each.charged
        is_success = each.status is Status.SUCCESS
        sums["total"] += sign
        sums["late"] += sign * each.is_late
        sums[_CHARGED] += charged
        sums["refunded"] += sign * (each.is_refunded and is_success)
        sums["outputs"] += sign * each.outputs
        names = (each.type, each.engine, each.model, each.plan_id)
        for counters, name in zip(named, names, strict=True):
            if name is not None:
                counter = counters.get(name)
                if counter is None:
                    counter = counters[name] = Counter()
                counter[each.status.value] += sign
                counter[_CHARGED] += charged
        hours[hour] += sign
        gaps[_gap(each, day, zone)] += sign
        if is_success and each.duration_ms is not None:
            durations.setdefault(each.type, Counter())[bucket_of(each.duration_ms)] += sign
        keys = ((USERS, each.uid), (PROMPTS, each.prompt_id), (ERRORS, each.error))
        for list_name, key in keys:
            if key:
                entry = listed[list_name].setdefault(key, [0, 0])
                entry[0] += sign
                entry[1] += charged
    by_type, by_engine, by_model, by_plan = (
        {name: StatusCounts(**counter) for name, counter in counters.items()} for counters in named
    )
    counted = DayStatistics(
        day,
        zone.key,
        **sums,
        by_type=by_type,
        by_engine=by_engine,
        by_model=by_model,
        by_plan=by_plan,
        hours=hours,
        gaps=gaps,
        durations=durations,
    )
    lists = {
        name: TopList(
            {key: TopListEntry(n, charged) for key, (n, charged) in entries.items() if n or charged}
        )
        for name, entries in listed.items()
        if entries
    }
    # Added to an empty day, so that zeros are dropped. The bound of names is that of what it is added to.
    return DayTotals(DayStatistics(day, zone.key).plus(counted, most=None), lists)


def _gap(generation: ClosedGeneration, day: date, zone: ZoneInfo) -> int:
    """Return the days since the user's generation before, by calendar days of the zone."""
    if generation.previous_at is None:
        return NEW
    days = (day - day_of(generation.previous_at, zone)).days
    return min(max(days, 0), LONGEST_GAP)  # below 0 only by clocks that disagree
