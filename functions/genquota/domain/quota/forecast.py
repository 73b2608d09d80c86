"""At today's pace, does a limit run out before it resets?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from genquota.domain.quota.limit_usage import Row

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """`at` is None unless it runs out."""

    runs_out: bool
    at: datetime | None


def forecast(row: Row | None, now: datetime) -> Forecast | None:
    """Project the pace since the window began to its end. None for what has no limit."""
    if row is None or row.is_unlimited:
        return None
    if row.remaining == 0:
        return Forecast(runs_out=True, at=now)
    taken = row.used + row.reserved
    if taken == 0:
        return Forecast(runs_out=False, at=None)
    # In whole numbers: where a limit lasts for ages, durations and dates would overflow.
    ahead = (now - row.start) // _TICK * row.remaining // taken
    if ahead >= (row.resets_at - now) // _TICK:
        return Forecast(runs_out=False, at=None)
    return Forecast(runs_out=True, at=(now + ahead * _TICK).replace(microsecond=0))
