"""Counts in the analytics: of days, of names, of whole ranges."""

import datetime as dt
from typing import Any, Self

from pydantic import Field

from genquota.domain.statistics.daily import DayStatistics, Named, StatusCounts
from genquota.domain.statistics.ranges import (
    ActiveUsers,
    DateRange,
    RangeStatistics,
    active_users,
    success_rate,
)
from genquota.messages.answers.callable_answers import Answer

_DIGITS = 4


def rounded(rate: float | None) -> float | None:
    """Return a rate or a ratio with four digits behind the point."""
    return None if rate is None else round(rate, _DIGITS)


class CountsAnswer(Answer):
    """Generations that have ended, by how."""

    total: int
    success: int
    failed: int
    cancelled: int
    expired: int
    success_rate: float | None
    """Successes among the total, 0 to 1; None: there is none."""
    charged: int | None
    """Credits; None: not for this caller."""

    @classmethod
    def fields_of(cls, counts: StatusCounts, *, is_whole: bool) -> dict[str, Any]:
        """Return the values of these fields, for the shapes that extend this one."""
        return {
            "total": counts.total,
            "success": counts.success,
            "failed": counts.failed,
            "cancelled": counts.cancelled,
            "expired": counts.expired,
            "success_rate": rounded(success_rate(counts)),
            "charged": counts.charged if is_whole else None,
        }


class NamedCounts(CountsAnswer):
    """Generations of one type, engine, model or plan."""

    name: str
    """`other` stands for all beyond the first 50 names of a day."""

    @classmethod
    def rows_of(cls, named: Named, *, is_whole: bool) -> list[Self]:
        """Return a row for each name, those with most generations first."""
        highest = sorted(named.items(), key=lambda item: (-item[1].total, item[0]))
        return [
            cls(name=name, **cls.fields_of(counts, is_whole=is_whole)) for name, counts in highest
        ]


class ActiveUsersAnswer(Answer):
    """Different users whose generations have ended, exactly."""

    total: int
    new: int
    """Those whose first generation ever is among them."""
    returning: int

    @classmethod
    def of(cls, active: ActiveUsers) -> Self:
        return cls(total=active.total, new=active.new, returning=active.returning)


class DayAnswer(CountsAnswer):
    """Generations that were created on one day."""

    date: str
    is_partial: bool
    """The day is not over."""
    is_final: bool
    """The counts were compared with the records, and will not change."""
    late: int
    """Successes reported after their hold had ended."""
    outputs: int
    refunded: int | None
    """Successes whose credits were given back or not taken; None: not for this caller."""
    active_users: int
    new_users: int
    by_type: list[NamedCounts]

    @classmethod
    def of(cls, day: DayStatistics, today: dt.date, *, is_final: bool, is_whole: bool) -> Self:
        active = active_users(DateRange(day.date, day.date), [day])
        return cls(
            **cls.fields_of(day.counts, is_whole=is_whole),
            date=day.date.isoformat(),
            is_partial=day.date >= today,
            is_final=is_final,
            late=day.late,
            outputs=day.outputs,
            refunded=day.refunded if is_whole else None,
            active_users=active.total,
            new_users=active.new,
            by_type=NamedCounts.rows_of(day.by_type, is_whole=is_whole),
        )


class TotalsAnswer(CountsAnswer):
    """The sums over a range of days."""

    late: int
    outputs: int
    refunded: int | None

    @classmethod
    def of(cls, sums: RangeStatistics, *, is_whole: bool) -> Self:
        return cls(
            **cls.fields_of(sums.counts, is_whole=is_whole),
            late=sums.late,
            outputs=sums.outputs,
            refunded=sums.refunded if is_whole else None,
        )


class RangeAnswer(Answer):
    """Days from `from` to `to`, both included."""

    from_: str = Field(serialization_alias="from")
    to: str
    totals: TotalsAnswer
    success_rate: float | None
    active_users: ActiveUsersAnswer
    by_type: list[NamedCounts]

    @classmethod
    def fields(cls, sums: RangeStatistics, *, is_whole: bool) -> dict[str, Any]:
        """Return the values of these fields, for the shape that extends this one."""
        return {
            "from_": sums.range.first.isoformat(),
            "to": sums.range.last.isoformat(),
            "totals": TotalsAnswer.of(sums, is_whole=is_whole),
            "success_rate": rounded(success_rate(sums.counts)),
            "active_users": ActiveUsersAnswer.of(sums.active),
            "by_type": NamedCounts.rows_of(sums.by_type, is_whole=is_whole),
        }

    @classmethod
    def of(cls, sums: RangeStatistics, *, is_whole: bool) -> Self:
        return cls(**cls.fields(sums, is_whole=is_whole))
