"""Forecast: does a limit run out before it resets, at the pace so far?"""

from datetime import datetime, timedelta

from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.records import dataclass

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """`at` is None unless it runs out."""

    runs_out: bool
    at: datetime | None


def forecast_usage(usage: LimitUsage | None, now: datetime) -> Forecast | None:
    """Project the pace since the window began to its end. None for what has no limit."""
    if usage is None or usage.is_unlimited:
        return None
    if usage.remaining == 0:
        return Forecast(runs_out=True, at=now)
    taken = usage.used + usage.reserved
    if taken == 0:
        return Forecast(runs_out=False, at=None)
    # In whole numbers: where a limit lasts for ages, durations and dates would overflow.
    ahead = (now - usage.start) // _TICK * usage.remaining // taken
    if ahead >= (usage.resets_at - now) // _TICK:
        return Forecast(runs_out=False, at=None)
    return Forecast(runs_out=True, at=(now + ahead * _TICK).replace(microsecond=0))
