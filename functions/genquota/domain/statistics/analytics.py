"""Which statistics of a range of days a caller may see: admins all, others only what identifies nobody."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime

from genquota.domain.masking import mask_personal_data
from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import OTHER, DayStatistics, Named, add_named
from genquota.domain.statistics.ranges import Change, RangeStatistics
from genquota.domain.statistics.top_lists import TopList

FEWEST_USERS = 5
"""With fewer active users, counts could identify one of them."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which parts of the statistics a caller sees, beside counts and rates."""

    is_whole: bool
    """All of it, with uids, plans, models, prompts, errors, durations and credits."""
    has_breakdown: bool
    """Generations by engine and by hour."""
    has_names: bool
    """Users with most generations, by the names that they have in the live feed."""


def visibility_of(active_users: int, *, is_admin: bool, names_are_public: bool) -> Visibility:
    """Return what a caller sees.

    Args:
        active_users: Of the range.
        is_admin: Whether the caller is one.
        names_are_public: Whether the live feed shows users by name.
    """
    are_many = active_users >= FEWEST_USERS
    return Visibility(
        is_admin, is_admin or are_many, not is_admin and are_many and names_are_public
    )


@dataclass(frozen=True, slots=True)
class Analytics:
    """A range, the one before, and what was read beside them."""

    view: Visibility
    present: RangeStatistics
    before: RangeStatistics
    change: Change
    today: date
    """In the time zone of the statistics. This day and later ones are not over."""
    final: frozenset[date]
    """The days whose counts were compared with the records and will not change."""
    updated_at: datetime | None
    """Aware. Generations that ended before it are counted; None: none was counted yet."""
    processing: int
    """Generations of any age that are open in their records."""
    lists: Mapping[str, TopList] = field(default_factory=dict)
    """Of the range, by name; only those that the caller may see."""
    names: Mapping[str, str] = field(default_factory=dict)
    """By uid: how users appear who may be named. Empty for admins, who see uids."""

    @property
    def engines(self) -> Named:
        """What is counted by engine; for others than admins without what users have typed there."""
        return self.present.by_engine if self.view.is_whole else mask_names(self.present.by_engine)


def mask_names(named: Named) -> Named:
    """Count names that contain personal data under `OTHER`."""
    shown: Named = {}
    for name, counts in named.items():
        key = name if mask_personal_data(name) == name else OTHER
        shown = add_named(shown, {key: counts}, most=None)
    return shown


@dataclass(frozen=True, slots=True)
class UserDay:
    """What was settled of the generations that a user started on one local day of theirs."""

    date: date
    used: int = 0
    """Credits."""
    success: int = 0
    failed: int = 0
    """Cancelled and expired included."""
    by_type: Mapping[str, int] = field(default_factory=dict)
    """Credits."""

    def plus(self, used: Mapping[str, int], success: int, failed: int) -> "UserDay":
        """Return the day with further credits by type, and generations."""
        by_type = dict(self.by_type)
        for type_, credits in used.items():
            by_type[type_] = by_type.get(type_, 0) + credits
        total = self.used + sum(used.values())
        return UserDay(self.date, total, self.success + success, self.failed + failed, by_type)


@dataclass(frozen=True, slots=True)
class UserAnalytics:
    """A user's days, and sums over their newest records."""

    user_id: str
    timezone: str
    """IANA name: the zone of the days."""
    days: tuple[UserDay, ...]
    """One for each date, oldest first; the last one is not over."""
    records_read: int
    has_all_records: bool
    """Whether the user has no more records since the first day."""
    sums: DayStatistics
    """Of the records that were read and have ended."""
    prompts: TopList
    """Of the same, highest first."""
