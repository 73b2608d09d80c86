"""Closed windows: `usageDaily` and `users/{uid}/windows`.

All counts are written as increments, so the roll that closes a window and the late settlement that
belongs to it may come in any order, together, or both at once.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore import Increment

from genquota.domain.enums import Window
from genquota.domain.quota.rolling import ClosedWindow
from genquota.domain.quota.usage_counters import ClosedWindowIncrement
from genquota.store.documents import document_data
from genquota.store.transaction import Transaction


def write_closed_windows(
    transaction: Transaction, uid: str, closed: Iterable[ClosedWindow]
) -> None:
    """Write the windows that have ended."""
    for window, counter in ((entry.window, entry.counter) for entry in closed):
        start, date = counter.span.start, counter.date or ""
        facts: dict[str, Any] = {"end": counter.span.end}
        if window is Window.DAY:
            facts["timezone"] = counter.zone
        counts = _counts(dict(counter.used), counter.success, counter.failed)
        if counter.adjusted:
            taken = {type_: Increment(credits) for type_, credits in counter.adjusted.items()}
            counts["adjusted"] = taken
        names = _names(uid, window, start, date)
        transaction.add(closed_window_path(uid, window, start, date), {**names, **facts, **counts})


def increment_closed_windows(
    transaction: Transaction, uid: str, increments: Iterable[ClosedWindowIncrement]
) -> None:
    """Count what was settled or given back after its window had ended."""
    for entry in increments:
        path = closed_window_path(uid, entry.window, entry.start, entry.date)
        counts = _counts({entry.type: entry.credits}, entry.success, entry.failed)
        if entry.adjusted:
            counts["adjusted"] = {entry.type: Increment(entry.adjusted)}
        names = _names(uid, entry.window, entry.start, entry.date)
        transaction.add(path, {**names, **counts})


def read_closed_windows(
    transaction: Transaction, uid: str, entries: Iterable[ClosedWindowIncrement]
) -> dict[tuple[Window, datetime], Mapping[str, int]]:
    """Return what windows show as used, by type, as far as they were written."""
    paths = {
        closed_window_path(uid, each.window, each.start, each.date): (each.window, each.start)
        for each in entries
    }
    found = transaction.read(paths)
    return {
        paths[path]: document_data(snapshot).get("byType", {}) for path, snapshot in found.items()
    }


def closed_window_path(uid: str, window: Window, start: datetime, date: str) -> str:
    """Return where a window is kept: a day by its date, others by their start."""
    if window is Window.DAY:
        return f"usageDaily/{uid}_{date}"
    return f"users/{uid}/windows/{window}_{start:%Y%m%dT%H%M%SZ}"


def _names(uid: str, window: Window, start: datetime, date: str) -> dict[str, Any]:
    if window is Window.DAY:
        return {"userId": uid, "date": date, "start": start}
    return {"userId": uid, "window": window.value, "start": start}


def _counts(used: dict[str, int], success: int, failed: int) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "used": Increment(sum(used.values())),
        "success": Increment(success),
        "failed": Increment(failed),
    }
    by_type = {type_: Increment(credits) for type_, credits in used.items() if credits}
    return {**counts, "byType": by_type} if by_type else counts
