"""Statistics of one day: the counts of closed generations, and how counts are added.

All counts are sums, so days can be added to, taken from and merged in any order. A day is a calendar day
of the deployment's time zone, by the creation time of a generation.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime

from genquota.domain.enums import Status
from genquota.domain.records import dataclass

MOST_NAMES = 50
"""Engines, models, plans or types of one day that are counted by name."""

OTHER = "other"
"""The name that the further ones are counted under."""

LONGEST_GAP = 91
"""Days since a user's generation before; stands for longer gaps too."""

NEW = 92
"""The gap of a user's first generation: greater than all others, so that sums over gaps include it."""


@dataclass(frozen=True, slots=True)
class ClosedGeneration:
    """What the statistics need of the record of a generation that has ended."""

    id: str
    uid: str
    """Empty in a change of a generation whose user is deleted."""
    created_at: datetime
    """Aware, UTC."""
    previous_at: datetime | None
    """When the user's generation before this one was created. None: it is the user's first."""
    type: str
    engine: str | None
    model: str | None
    plan_id: str | None
    prompt_id: str | None
    status: Status
    """`success`, `failed`, `cancelled` or `expired`."""
    charged: int = 0
    """Credits."""
    outputs: int = 0
    """Of a success; 0 for all others."""
    is_late: bool = False
    """It succeeded after its hold had expired."""
    is_refunded: bool = False
    """It succeeded and costs nothing: given back by an operator, or late and not charged."""
    duration_ms: int | None = None
    """Of a success, if it is known."""
    error: str | None = None
    """Of a failure: its message, as `mask_error` returns it."""


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """Generations by how they ended, and the credits that they cost."""

    success: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    charged: int = 0

    @property
    def total(self) -> int:
        return self.success + self.failed + self.cancelled + self.expired

    def plus(self, other: "StatusCounts") -> "StatusCounts":
        return StatusCounts(
            self.success + other.success,
            self.failed + other.failed,
            self.cancelled + other.cancelled,
            self.expired + other.expired,
            self.charged + other.charged,
        )

    @property
    def takes_back(self) -> bool:
        """Whether any number is negative, so that something is taken back that was counted before."""
        return min(self.success, self.failed, self.cancelled, self.expired, self.charged) < 0

    def of(self, status: Status) -> int:
        """Return the number of generations that ended with ``status``, one of the four final ones."""
        return int(getattr(self, status.value))


Named = Mapping[str, StatusCounts]
Histogram = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """The counts of one day."""

    date: date
    timezone: str
    """IANA name of the zone that the day is of."""
    total: int = 0
    """Generations that have ended. Those that are still open count when they close."""
    late: int = 0
    charged: int = 0
    """Credits."""
    refunded: int = 0
    """Successes that cost nothing because their credits were given back or not taken."""
    outputs: int = 0
    by_type: Named = field(default_factory=dict)
    by_engine: Named = field(default_factory=dict)
    """Without those that name no engine; likewise for models and plans."""
    by_model: Named = field(default_factory=dict)
    by_plan: Named = field(default_factory=dict)
    hours: Histogram = field(default_factory=dict)
    """Generations by local hour of creation, 0 to 23."""
    gaps: Histogram = field(default_factory=dict)
    """Generations by days since their user's one before: 0 to `LONGEST_GAP`, or `NEW`."""
    durations: Mapping[str, Histogram] = field(default_factory=dict)
    """By type: successes by bucket of their duration, see `durations`."""

    def plus(self, other: "DayStatistics", most: int | None = MOST_NAMES) -> "DayStatistics":
        """Return the sum of both; date and time zone are this one's. ``most`` as of `add_named`."""
        return DayStatistics(
            self.date,
            self.timezone,
            self.total + other.total,
            self.late + other.late,
            self.charged + other.charged,
            self.refunded + other.refunded,
            self.outputs + other.outputs,
            add_named(self.by_type, other.by_type, most),
            add_named(self.by_engine, other.by_engine, most),
            add_named(self.by_model, other.by_model, most),
            add_named(self.by_plan, other.by_plan, most),
            add_histograms(self.hours, other.hours),
            add_histograms(self.gaps, other.gaps),
            add_durations(self.durations, other.durations),
        )

    @property
    def counts(self) -> StatusCounts:
        """All generations of the day by how they ended."""
        return sum_of(self.by_type)


def sum_of(named: Named) -> StatusCounts:
    """Return the sum over all names."""
    total = StatusCounts()
    for counts in named.values():
        total = total.plus(counts)
    return total


def add_named(one: Named, other: Named, most: int | None = MOST_NAMES) -> dict[str, StatusCounts]:
    """Add counts name by name.

    Once names are counted under `OTHER`, no further name gets in, not even in the place of one for which
    nothing is left. So all of a name is counted in one place, and what is taken back is taken from there.

    Args:
        one: Its names stay.
        other: Its new names are taken in order while there is room, the rest is counted under `OTHER`.
        most: How many names there may be beside `OTHER`. None: any number.

    Returns:
        The sums; names for which nothing is left to count are dropped, unless they keep others out.
    """
    added = dict(one)
    for name, counts in other.items():
        has_room = most is None or len(added) - (OTHER in added) < most
        is_new = has_room and (most is None or not (counts.takes_back and OTHER in added))
        key = name if name in added or is_new else OTHER
        added[key] = added[key].plus(counts) if key in added else counts
    is_full = most is not None and len(added) - (OTHER in added) >= most
    if is_full and added.get(OTHER, _NOTHING) != _NOTHING:
        return added
    return {name: counts for name, counts in added.items() if counts != _NOTHING}


def add_histograms(one: Histogram, other: Histogram) -> dict[int, int]:
    """Add bucket by bucket; buckets of 0 are dropped."""
    added = dict(one)
    for bucket, number in other.items():
        added[bucket] = added.get(bucket, 0) + number
    return {bucket: number for bucket, number in added.items() if number}


def add_durations(
    one: Mapping[str, Histogram], other: Mapping[str, Histogram]
) -> dict[str, dict[int, int]]:
    """Add the histograms of each type; empty ones are dropped."""
    types = dict.fromkeys((*one, *other))
    added = {type_: add_histograms(one.get(type_, {}), other.get(type_, {})) for type_ in types}
    return {type_: histogram for type_, histogram in added.items() if histogram}


_NOTHING = StatusCounts()
