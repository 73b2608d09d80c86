"""Statistics of a range of days, and the comparison with the range before."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import (
    LONGEST_GAP,
    NEW,
    DayStatistics,
    Named,
    StatusCounts,
    add_named,
)
from genquota.domain.statistics.durations import Percentiles, percentiles

LONGEST_RANGE = LONGEST_GAP
"""Days for which distinct users can be counted exactly."""

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DateRange:
    """Calendar days, the first and the last included.

    Raises:
        ValueError: It is empty, or longer than `LONGEST_RANGE`.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 1 <= self.length <= LONGEST_RANGE:
            raise ValueError(f"a range has 1 to {LONGEST_RANGE} days")

    @classmethod
    def ending(cls, last: date, days: int) -> Self:
        """Return the range of ``days`` days that ends with ``last``."""
        return cls(last - (days - 1) * _A_DAY, last)

    @property
    def length(self) -> int:
        """Days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "DateRange":
        """The range of the same length that ends on the day before."""
        return DateRange(self.first - self.length * _A_DAY, self.first - _A_DAY)

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(self.first + number * _A_DAY for number in range(self.length))


@dataclass(frozen=True, slots=True)
class ActiveUsers:
    """Different users who created a generation that has ended."""

    total: int
    new: int
    """Those among them whose first generation ever this was."""

    @property
    def returning(self) -> int:
        return self.total - self.new


@dataclass(frozen=True, slots=True)
class RangeStatistics:
    """The sums over a range."""

    range: DateRange
    days: tuple[DayStatistics, ...]
    """One for each date, also for those on which nothing happened."""
    counts: StatusCounts
    late: int
    charged: int
    """Credits."""
    refunded: int
    outputs: int
    active: ActiveUsers
    by_type: Named
    by_engine: Named
    by_model: Named
    by_plan: Named
    hours: tuple[tuple[int, ...], ...]
    """Generations by weekday (0 = Monday) and local hour of creation: 7 times 24."""
    durations: Mapping[str, Percentiles]
    """By type, in milliseconds."""

    @property
    def total(self) -> int:
        return self.counts.total

    @property
    def success_rate(self) -> float | None:
        """Successes among all that have ended, 0 to 1; None if none has."""
        return success_rate(self.counts)


@dataclass(frozen=True, slots=True)
class Change:
    """How much more or less there was than in the range before: 0.5 is half as much again.

    None: there was nothing before to compare with; or, where the range includes a day that is not over,
    the number is not known by the hour.
    """

    total: float | None
    success_rate: float | None
    """The difference of both rates, not their ratio."""
    charged: float | None
    outputs: float | None
    active: float | None


def success_rate(counts: StatusCounts) -> float | None:
    """Return successes among all that have ended, 0 to 1; None if none has.

    Cancelled and expired generations count as failures.
    """
    return counts.success / counts.total if counts.total else None


def range_statistics(
    range_: DateRange, days: Iterable[DayStatistics], timezone: str
) -> RangeStatistics:
    """Add up the days of a range.

    Args:
        range_: Which days.
        days: Those that have statistics, in any order; days outside the range are left out.
        timezone: IANA name, for days without statistics.
    """
    known = {day.date: day for day in days}
    found = tuple(known.get(each) or DayStatistics(each, timezone) for each in range_.dates)
    total = found[0]
    for day in found[1:]:
        total = total.plus(day)
    return RangeStatistics(
        range=range_,
        days=found,
        counts=total.counts,
        late=total.late,
        charged=total.charged,
        refunded=total.refunded,
        outputs=total.outputs,
        active=active_users(range_, found),
        by_type=_names_of(day.by_type for day in found),
        by_engine=_names_of(day.by_engine for day in found),
        by_model=_names_of(day.by_model for day in found),
        by_plan=_names_of(day.by_plan for day in found),
        hours=_hours_by_weekday(found),
        durations={
            type_: known_durations
            for type_, histogram in total.durations.items()
            if (known_durations := percentiles(histogram))
        },
    )


def active_users(range_: DateRange, days: Iterable[DayStatistics]) -> ActiveUsers:
    """Count the different users of a range exactly.

    Each user is counted at their first generation of the range, which is the one whose user had none
    since the range began: its gap is greater than the days from the first day to its own.
    """
    total = new = 0
    for day in days:
        since_first = (day.date - range_.first).days
        total += sum(number for gap, number in day.gaps.items() if gap > since_first)
        new += day.gaps.get(NEW, 0)
    return ActiveUsers(total, new)


def change(present: RangeStatistics, before: RangeStatistics, as_of: datetime) -> Change:
    """Compare a range with the one before.

    If the last day is not over, only its hours that are over count, and of the last day of the range before
    the same hours. Only the total is known by the hour.

    Args:
        present: The range.
        before: Of the range before.
        as_of: Until when statistics are complete; aware.
    """
    rates = (present.success_rate, before.success_rate)
    rate = None if rates[0] is None or rates[1] is None else rates[0] - rates[1]
    last, last_before = present.days[-1], before.days[-1]
    now = as_of.astimezone(ZoneInfo(last.timezone))
    if now.date() > last.date:
        return Change(
            _ratio(present.total, before.total),
            rate,
            _ratio(present.charged, before.charged),
            _ratio(present.outputs, before.outputs),
            _ratio(present.active.total, before.active.total),
        )
    hours_over = now.hour if now.date() == last.date else 0
    total = present.total - _from_hour(last, hours_over)
    total_before = before.total - _from_hour(last_before, hours_over)
    return Change(_ratio(total, total_before), rate, None, None, None)


def _ratio(number: int, before: int) -> float | None:
    return (number - before) / before if before else None


def _from_hour(day: DayStatistics, hour: int) -> int:
    return sum(number for each, number in day.hours.items() if each >= hour)


def _names_of(days: Iterable[Named]) -> Named:
    """Add names over days: what is `other` on one day stays so, but no name is dropped for its sake."""
    total: Named = {}
    for named in days:
        total = add_named(total, named, most=None)
    return total


def _hours_by_weekday(days: Iterable[DayStatistics]) -> tuple[tuple[int, ...], ...]:
    table = [[0] * 24 for _ in range(7)]
    for day in days:
        for hour, number in day.hours.items():
            table[day.date.weekday()][hour] += number
    return tuple(tuple(row) for row in table)
