"""`users/{uid}/notices`, and what was told of the running windows in `users/{uid}.quota.notices`."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.quota.notices import KEPT, Notice, Told
from genquota.domain.words import Window
from genquota.store.transaction import Transaction

_encode = json.JSONEncoder(separators=(",", ":")).encode


def read_told(data: Mapping[str, Any]) -> frozenset[Told]:
    """Return what a user was told of the windows that run."""
    return _told_from_text((data.get("quota") or {}).get("notices") or "[]")


def told_to_fields(before: frozenset[Told], told: frozenset[Told]) -> dict[str, Any]:
    """Return what changes in the user document."""
    if told == before:
        return {}
    entries = sorted(
        [
            each.window.value,
            each.type or "",
            int(each.start.timestamp()),
            each.limit,
            each.threshold,
        ]
        for each in told
    )
    return {"quota.notices": _encode(entries) if entries else DELETE_FIELD}


def keep_notices(
    transaction: Transaction, uid: str, notices: Iterable[Notice], now: datetime
) -> None:
    """Write notices beside the change that they tell of. The same one twice is one document."""
    for notice in notices:
        row = notice.row
        facts: dict[str, Any] = {
            "kind": notice.kind.value,
            "window": row.window.value,
            "type": row.type,
            "limit": row.limit,
            "used": row.used,
            "start": row.start,
            "resetsAt": row.resets_at,
            "createdAt": now,
            "deleteAt": row.resets_at + KEPT,
        }
        if notice.threshold is not None:
            facts["threshold"] = notice.threshold
        transaction.add(f"users/{uid}/notices/{notice.id}", facts)


@lru_cache(maxsize=2048)
def _told_from_text(text: str) -> frozenset[Told]:
    return frozenset(
        Told(Window(window), type_ or None, datetime.fromtimestamp(start, UTC), limit, threshold)
        for window, type_, start, limit, threshold in json.loads(text)
    )
