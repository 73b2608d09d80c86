"""The windows of limits as tests expect them: shortest first, in UTC, weeks from Monday.

Literal, for it must not follow from the code; and one table, so that a window is added here once.
"""

from __future__ import annotations

from datetime import UTC, datetime

RUNNING: dict[str, dict[str, tuple[str, str]]] = {
    "2026-11-18": {
        "day": ("2026-11-18", "2026-11-19"),
        "week": ("2026-11-16", "2026-11-23"),
        "month": ("2026-11-01", "2026-12-01"),
        "quarter": ("2026-10-01", "2027-01-01"),
        "period": ("2026-11-01", "2026-12-01"),
    },
    "2027-03-15": {
        "day": ("2027-03-15", "2027-03-16"),
        "week": ("2027-03-15", "2027-03-22"),
        "month": ("2027-03-01", "2027-04-01"),
        "quarter": ("2027-01-01", "2027-04-01"),
        "period": ("2027-03-01", "2027-04-01"),
    },
}
"""By a day the windows that hold its noon: first day, and the day after the last."""

NAMES = tuple(RUNNING["2026-11-18"])


def running_on(day: str) -> dict[str, tuple[datetime, datetime]]:
    """Return start and end of each window on a day."""
    return {name: (_midnight(start), _midnight(end)) for name, (start, end) in RUNNING[day].items()}


def starts_on(day: str) -> dict[str, datetime]:
    return {name: start for name, (start, _) in running_on(day).items()}


def last_end_on(day: str) -> datetime:
    """Return when all windows that run on a day are over."""
    return max(end for _, end in running_on(day).values())


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
