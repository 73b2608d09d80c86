"""`users/{uid}/notices`, and the thresholds already sent, in `users/{uid}.quota.notices`."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.enums import Window
from genquota.domain.quota.notices import KEPT, Notice, SentThreshold
from genquota.store.transaction import Transaction

_encode = json.JSONEncoder(separators=(",", ":")).encode


def read_sent_thresholds(data: Mapping[str, Any]) -> frozenset[SentThreshold]:
    """Return the thresholds already sent for the running windows."""
    return _sent_from_text((data.get("quota") or {}).get("notices") or "[]")


def sent_thresholds_to_fields(
    before: frozenset[SentThreshold], sent: frozenset[SentThreshold]
) -> dict[str, Any]:
    """Return what changes in the user document."""
    if sent == before:
        return {}
    entries = sorted(
        [
            each.window.value,
            each.type or "",
            int(each.start.timestamp()),
            each.limit,
            each.threshold,
        ]
        for each in sent
    )
    return {"quota.notices": _encode(entries) if entries else DELETE_FIELD}


def write_notices(
    transaction: Transaction, uid: str, notices: Iterable[Notice], now: datetime
) -> None:
    """Write notices in the commit of the change that causes them. The same notice twice is one document."""
    for notice in notices:
        usage = notice.usage
        facts: dict[str, Any] = {
            "kind": notice.kind.value,
            "window": usage.window.value,
            "type": usage.type,
            "limit": usage.limit,
            "used": usage.used,
            "start": usage.start,
            "resetsAt": usage.resets_at,
            "createdAt": now,
            "deleteAt": usage.resets_at + KEPT,
        }
        if notice.threshold is not None:
            facts["threshold"] = notice.threshold
        transaction.add(f"users/{uid}/notices/{notice.id}", facts)


@lru_cache(maxsize=2048)
def _sent_from_text(text: str) -> frozenset[SentThreshold]:
    return frozenset(
        SentThreshold(
            Window(window), type_ or None, datetime.fromtimestamp(start, UTC), limit, threshold
        )
        for window, type_, start, limit, threshold in json.loads(text)
    )
