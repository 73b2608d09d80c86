"""The bare SDK doing what the scheduled jobs do to the store: batched commits of made-up values.

The same pages of users are queried, and the same fields are written in commits of the same size, but
without preconditions, and nothing is understood or decided.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import DELETE_FIELD, Client, Increment
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from bench import baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud.firestore import DocumentSnapshot, WriteBatch

    Snapshot = DocumentSnapshot[Any]

PAGE, MOST_WRITES = 200, 400
_APRIL, _MAY = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
_KEPT_UNTIL = datetime(2026, 5, 31, tzinfo=UTC)
_DAY, *_LONGER = (
    {"window": name, "start": start, "end": end}
    for name, (start, end) in baseline.WINDOWS.items()
    if end <= _APRIL
)
"""The windows that close in April."""


def reset_periods(db: Client, now: datetime) -> int:
    """Write each user who is due, five documents of closed windows, and a notice."""
    return _sweep(db, "quota.rollAt", now, _reset)


def expire_generations(db: Client, now: datetime) -> int:
    """Write each user who is due, and the record of their open generation."""
    return _sweep(db, "quota.expireAt", now, _expire)


def _sweep(db: Client, field: str, now: datetime, write: Callable[..., None]) -> int:
    users = 0
    for page in _pages(db, field, now):
        batch = db.batch()
        for snapshot in page:
            write(db, batch, snapshot, now)
            if len(batch) >= MOST_WRITES:
                batch.commit()
                batch = db.batch()
        if len(batch):
            batch.commit()
        users += len(page)
    return users


def _pages(db: Client, field: str, now: datetime) -> Iterator[list[Snapshot]]:
    query = db.collection("users").where(filter=FieldFilter(field, "<=", now))
    query = query.order_by(field).limit(PAGE)
    page = list(query.stream())
    while page:
        yield page
        page = list(query.start_after(page[-1]).stream()) if len(page) == PAGE else []


def _reset(db: Client, batch: WriteBatch, snapshot: Snapshot, now: datetime) -> None:
    uid = snapshot.id
    user = {
        "quota.windows": baseline.windows(""),
        "quota.rollAt": DELETE_FIELD,
        "currentPeriodCount": 0,
        "lastResetDate": _APRIL,
        "nextResetDate": _MAY,
        "usage": baseline.usage(used=0, reserved=0),
        "updatedAt": now,
    }
    batch.update(db.document("users", uid), user)
    one, none = Increment(1), Increment(0)
    counts = {"used": one, "success": one, "failed": none, "byType": {"image": one}}
    facts: dict[str, Any] = {"userId": uid, **counts}
    span = {"start": _DAY["start"], "end": _DAY["end"]}
    day = {**facts, **span, "date": "2026-03-02", "timezone": "UTC"}
    batch.set(db.document("usageDaily", f"{uid}_2026-03-02"), day, merge=True)
    for closed in _LONGER:
        path = f"users/{uid}/windows/{closed['window']}_{closed['start']:%Y%m%dT%H%M%SZ}"
        batch.set(db.document(path), {**facts, **closed}, merge=True)
    notice = {"kind": "period", "window": "period", "type": None, "limit": 1_000_000, "used": 0}
    times = {"start": _APRIL, "resetsAt": _MAY, "createdAt": now, "deleteAt": _KEPT_UNTIL}
    path = f"users/{uid}/notices/period_{_APRIL:%Y%m%dT%H%M%SZ}"
    batch.set(db.document(path), {**notice, **times}, merge=True)


def _expire(db: Client, batch: WriteBatch, snapshot: Snapshot, now: datetime) -> None:
    (generation_id,) = snapshot.get("quota.holds")
    record = {
        "generationStatus": "expired",
        "refunded": True,
        "updatedAt": now,
        "closedAt": now,
        "closedAs": "expired",
    }
    batch.update(db.document("userGenerations", generation_id), record)
    user = {
        str(FieldPath("quota", "holds", generation_id).to_api_repr()): DELETE_FIELD,
        "quota.windows": baseline.windows("", failed=1),
        "quota.expireAt": DELETE_FIELD,
        "quota.rollAt": _DAY["end"],
        "quota.failed": Increment(1),
        "usage": baseline.usage(used=0, reserved=0),
        "updatedAt": now,
    }
    batch.update(db.document("users", snapshot.id), user)
