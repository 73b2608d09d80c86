"""The analytics of one user."""

from typing import Self

from pydantic import Field

from genquota.domain.statistics.analytics import UserAnalytics, UserDay
from genquota.domain.statistics.durations import percentiles
from genquota.messages.analytics.counts import NamedCounts, rounded
from genquota.messages.analytics.lists import PopularPrompt, TopListAnswer, prompts_of
from genquota.messages.analytics.platform import DurationsAnswer
from genquota.messages.answers.callable_answers import Answer


class UserDayAnswer(Answer):
    """What was settled of the generations that were started on one local day of the user."""

    date: str
    is_partial: bool
    """The day is not over."""
    used: int
    """Credits."""
    success: int
    failed: int
    """Cancelled and expired included."""
    by_type: dict[str, int]
    """Credits."""

    @classmethod
    def of(cls, day: UserDay, *, is_partial: bool) -> Self:
        return cls(
            date=day.date.isoformat(),
            is_partial=is_partial,
            used=day.used,
            success=day.success,
            failed=day.failed,
            by_type=dict(day.by_type),
        )


class UserTotals(Answer):
    """The sums over the days."""

    used: int
    success: int
    failed: int
    success_rate: float | None
    """Successes among both, 0 to 1; None: there is neither."""

    @classmethod
    def of(cls, days: tuple[UserDay, ...]) -> Self:
        success, failed = sum(day.success for day in days), sum(day.failed for day in days)
        rate = success / (success + failed) if success + failed else None
        used = sum(day.used for day in days)
        return cls(used=used, success=success, failed=failed, success_rate=rounded(rate))


class UserRecords(Answer):
    """What the newest records of the range tell; open generations count when they close."""

    read: int
    """At most 500, hidden ones included."""
    is_all: bool
    """False: there are more, and what stands here is of the newest only."""
    by_engine: list[NamedCounts]
    popular_prompts: TopListAnswer[PopularPrompt]
    durations: dict[str, DurationsAnswer]
    """By type."""

    @classmethod
    def of(cls, shown: UserAnalytics) -> Self:
        known = ((type_, percentiles(each)) for type_, each in shown.sums.durations.items())
        return cls(
            read=shown.records_read,
            is_all=shown.has_all_records,
            by_engine=NamedCounts.rows_of(shown.sums.by_engine, is_whole=True),
            popular_prompts=prompts_of(shown.prompts),
            durations={type_: DurationsAnswer.of(each) for type_, each in known if each},
        )


class UserAnalyticsAnswer(Answer):
    """What one user did from `from` to `to`, both included, on days of their own time zone."""

    user_id: str
    from_: str = Field(serialization_alias="from")
    to: str
    timezone: str
    days: list[UserDayAnswer]
    """One for each date, oldest first."""
    totals: UserTotals
    records: UserRecords

    @classmethod
    def about(cls, shown: UserAnalytics) -> Self:
        last = shown.days[-1]
        return cls(
            user_id=shown.user_id,
            from_=shown.days[0].date.isoformat(),
            to=last.date.isoformat(),
            timezone=shown.timezone,
            days=[UserDayAnswer.of(day, is_partial=day is last) for day in shown.days],
            totals=UserTotals.of(shown.days),
            records=UserRecords.of(shown),
        )
