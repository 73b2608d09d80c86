"""The bare SDK doing what Genquota's calls do to the store, and nothing else.

The same documents are read in one `get_all`, and the same fields are written in one commit with the
same preconditions. The values are made up: nothing is understood, decided or counted here.
`equal_work.py` compares what both send, and fails the bench when it is not the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore import DELETE_FIELD, Client, Increment
from google.cloud.firestore_v1.field_path import FieldPath

PROMPT = "A lighthouse at dusk, in the style of an old travel poster"
IMAGE = {"url": "https://images.example.com/a-lighthouse-at-dusk.png"}

WINDOWS = {
    name: (datetime.fromisoformat(f"{start}T00:00Z"), datetime.fromisoformat(f"{end}T00:00Z"))
    for name, start, end in (
        ("day", "2026-03-02", "2026-03-03"),
        ("week", "2026-03-02", "2026-03-09"),
        ("month", "2026-03-01", "2026-04-01"),
        ("quarter", "2026-01-01", "2026-04-01"),
        ("period", "2026-03-01", "2026-04-01"),
    )
}
"""The windows that are counted, and the running one of each: its start and end."""

_CODES = {"day": "d", "week": "w", "month": "m", "quarter": "q", "period": "p"}
_STARTS = ",".join(
    f'"{_CODES.get(name, name)}":{start.timestamp():.0f}' for name, (start, _) in WINDOWS.items()
)
_HOLD = (
    '{"v":2,"end":1772450101,"type":"image","date":"2026-03-02","plan":1,'
    f'"in":{{{_STARTS}}},"grants":[]}}'
)
_RUNNING = ",".join(
    f'"{name}":{{"start":{start.timestamp():.0f},"end":{end.timestamp():.0f},COUNTS,'
    + ('"date":"2026-03-02","zone":"UTC"}' if name == "day" else '"date":null,"zone":null}')
    for name, (start, end) in WINDOWS.items()
)


def windows(used: str, success: int = 0, failed: int = 0) -> str:
    """Return running windows as they stand in `quota.windows`. ``used``: JSON inside the braces."""
    counts = f'"used":{{{used}}},"success":{success},"failed":{failed}'
    return f"{{{_RUNNING.replace('COUNTS', counts)}}}"


_WINDOWS = windows('"image":55', success=55)


def check(db: Client, uid: str) -> None:
    """Read the user."""
    list(db.get_all([db.document("users", uid)]))


def create(db: Client, uid: str, generation_id: str) -> None:
    """Read user and record, write both."""
    user, record = db.document("users", uid), db.document("userGenerations", generation_id)
    seen = {snapshot.reference.path: snapshot for snapshot in db.get_all([user, record])}
    now = datetime.now(UTC)
    batch = db.batch()
    batch.create(record, new_record(uid, generation_id, now))
    unchanged = db.write_option(last_update_time=seen[user.path].update_time)
    batch.update(user, user_with_hold(generation_id, now), option=unchanged)
    batch.commit()


def settle(db: Client, uid: str, generation_id: str) -> None:
    """Read user and record, write the success into both."""
    user, record = db.document("users", uid), db.document("userGenerations", generation_id)
    seen = {snapshot.reference.path: snapshot for snapshot in db.get_all([user, record])}
    now = datetime.now(UTC)
    batch = db.batch()
    for reference, fields in (
        (record, _record_of_success(now)),
        (user, _user_after_success(generation_id, now)),
    ):
        unchanged = db.write_option(last_update_time=seen[reference.path].update_time)
        batch.update(reference, fields, option=unchanged)
    batch.commit()


def new_record(uid: str, generation_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": generation_id,
        "userId": uid,
        "type": "image",
        "promptId": "lighthouse",
        "promptText": PROMPT,
        "quality": "standard",
        "count": 1,
        "planId": "free",
        "metadata": {},
        "fingerprint": "19ec93f1251a575d785f8589fb6df910",
        "previousAt": now,
        "credits": 1,
        "holdSeconds": 900,
        "outputs": [],
        "createdAt": now,
        "isDeleted": False,
        "generationStatus": "pending",
        "charged": 0,
        "refunded": False,
        "late": False,
        "expiresAt": _hold_end(now),
        "hold": _HOLD,
        "updatedAt": now,
    }


def user_with_hold(generation_id: str, now: datetime) -> dict[str, Any]:
    return {
        _hold_path(generation_id): _HOLD,
        "quota.expireAt": _hold_end(now),
        "usage": usage(used=55, reserved=1),
        "lastGenerationAt": now,
        "updatedAt": now,
    }


def _record_of_success(now: datetime) -> dict[str, Any]:
    return {
        "generationStatus": "success",
        "outputs": [IMAGE],
        "imageUrl": IMAGE["url"],
        "charged": 1,
        "refunded": False,
        "late": False,
        "expiresAt": _hold_end(now),
        "hold": _HOLD,
        "completedAt": now,
        "closedAt": now,
        "closedAs": "success",
        "updatedAt": now,
    }


def _user_after_success(generation_id: str, now: datetime) -> dict[str, Any]:
    return {
        _hold_path(generation_id): DELETE_FIELD,
        "quota.expireAt": DELETE_FIELD,
        "quota.windows": _WINDOWS,
        "generatedCount": Increment(1),
        "outputCount": Increment(1),
        "currentPeriodCount": 55,
        "usage": usage(used=55, reserved=0),
        "updatedAt": now,
    }


def usage(used: int, reserved: int) -> dict[str, Any]:
    taken = {"type": None, "used": used, "reserved": reserved}
    rows = [
        {"window": name, "start": WINDOWS[name][0], "resetsAt": WINDOWS[name][1], "limit": limit}
        for name, limit in (("day", -1), ("period", 1_000_000))
    ]
    return {"planId": "free", "windows": [row | taken for row in rows], "grantsRemaining": 0}


def _hold_path(generation_id: str) -> str:
    return str(FieldPath("quota", "holds", generation_id).to_api_repr())


def _hold_end(now: datetime) -> datetime:
    return now.replace(microsecond=0) + timedelta(seconds=901)
