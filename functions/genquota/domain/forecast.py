"""At today's pace, does a limit run out before it resets?"""

from dataclasses import dataclass
from datetime import datetime

from genquota.domain.rows import Row


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
    per_credit = (now - row.start) / taken
    at = (now + per_credit * row.remaining).replace(microsecond=0)
    runs_out = at < row.resets_at
    return Forecast(runs_out, at if runs_out else None)
