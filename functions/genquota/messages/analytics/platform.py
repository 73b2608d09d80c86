"""The analytics of the platform. What a caller may not see is null, never left out and never 0."""

from typing import Self

from genquota.domain.statistics.analytics import Analytics
from genquota.domain.statistics.durations import Percentiles
from genquota.domain.statistics.ranges import Change
from genquota.domain.statistics.top_lists import ERRORS, PROMPTS, USERS, TopList
from genquota.messages.analytics.counts import (
    DayAnswer,
    NamedCounts,
    RangeAnswer,
    rounded,
)
from genquota.messages.analytics.lists import (
    CommonError,
    PopularPrompt,
    TopListAnswer,
    TopUser,
    errors_of,
    named_users_of,
    prompts_of,
    users_of,
)
from genquota.messages.answers.callable_answers import Answer, Time


class TrendAnswer(Answer):
    """How much more or less than in the range before: 0.5 is half as much again.

    None: there was nothing before. While the last day is not over, `total` compares the hours that are,
    and what is not known by the hour is None too.
    """

    total: float | None
    success_rate: float | None
    """The difference of both rates."""
    charged: float | None
    outputs: float | None
    active_users: float | None

    @classmethod
    def of(cls, change: Change, *, is_whole: bool) -> Self:
        return cls(
            total=rounded(change.total),
            success_rate=rounded(change.success_rate),
            charged=rounded(change.charged) if is_whole else None,
            outputs=rounded(change.outputs),
            active_users=rounded(change.active),
        )


class DurationsAnswer(Answer):
    """Milliseconds that 50, 95 and 99 of 100 successes do not exceed, within 4.5 %."""

    p50: int
    p95: int
    p99: int
    count: int
    """Successes whose duration is known."""

    @classmethod
    def of(cls, known: Percentiles) -> Self:
        return cls(p50=known.p50, p95=known.p95, p99=known.p99, count=known.count)


class AnalyticsAnswer(RangeAnswer):
    """Generations by the day of their creation, once they have ended; and the range before."""

    timezone: str
    updated_at: Time | None
    """Generations that ended before it are counted. None: none was counted yet."""
    is_partial: bool
    """The last day is not over."""
    processing: int
    """Generations that are open now, of any age."""
    days: list[DayAnswer]
    """One for each date, oldest first."""
    previous: RangeAnswer
    """The range of the same length before."""
    change: TrendAnswer
    by_engine: list[NamedCounts] | None
    """Without generations that name no engine; so for models and plans."""
    by_model: list[NamedCounts] | None
    by_plan: list[NamedCounts] | None
    hours: list[list[int]] | None
    """Generations by weekday (Monday first) and local hour of their creation: 7 times 24."""
    durations: dict[str, DurationsAnswer] | None
    """By type."""
    top_users: TopListAnswer[TopUser] | None
    popular_prompts: TopListAnswer[PopularPrompt] | None
    errors: TopListAnswer[CommonError] | None

    @classmethod
    def about(cls, shown: Analytics, *, has_lists: bool = True) -> Self:
        """Return what the caller may see; the lists only if they were asked for."""
        view, sums = shown.view, shown.present
        whole, breakdown = view.is_whole, view.has_breakdown
        lists = {name: shown.lists.get(name, TopList()) for name in (USERS, PROMPTS, ERRORS)}
        users = None
        if whole and has_lists:
            users = users_of(lists[USERS])
        elif view.has_names and has_lists:
            users = named_users_of(lists[USERS], shown.names)
        durations = {type_: DurationsAnswer.of(each) for type_, each in sums.durations.items()}
        return cls(
            **cls.fields(sums, is_whole=whole),
            timezone=sums.days[-1].timezone,
            updated_at=shown.updated_at,
            is_partial=sums.range.last >= shown.today,
            processing=shown.processing,
            days=[
                DayAnswer.of(day, shown.today, is_final=day.date in shown.final, is_whole=whole)
                for day in sums.days
            ],
            previous=RangeAnswer.of(shown.before, is_whole=whole),
            change=TrendAnswer.of(shown.change, is_whole=whole),
            by_engine=NamedCounts.rows_of(shown.engines, is_whole=whole) if breakdown else None,
            by_model=NamedCounts.rows_of(sums.by_model, is_whole=whole) if whole else None,
            by_plan=NamedCounts.rows_of(sums.by_plan, is_whole=whole) if whole else None,
            hours=[list(row) for row in sums.hours] if breakdown else None,
            durations=durations if whole else None,
            top_users=users,
            popular_prompts=prompts_of(lists[PROMPTS]) if whole and has_lists else None,
            errors=errors_of(lists[ERRORS]) if whole and has_lists else None,
        )
