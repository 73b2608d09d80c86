"""Compare a user's counters with what the records alone add up to.

What operators took off a window counts as said: used plus adjusted is what the records charge.

`userGenerations` is the ledger. Each record remembers the windows that it was reserved in and who was to
pay, so what every window must have ended with, or stands at, follows from adding the records up.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.limit_windows import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

_CODES = {"d": "day", "w": "week", "m": "month", "q": "quarter", "p": "period"}
_GIVEN_BACK = {"failed", "cancelled", "expired"}

Key = tuple[str, str]
"""A window and which one: the date of a day, else the start."""
Counts = dict[Key, dict[str, Any]]


def assert_counters_match_records(db: Client, uid: str = "ada") -> None:
    """Assert that all counters of a user equal what their records add up to."""
    user = db.document(f"users/{uid}").get().to_dict() or {}
    everything = (
        snapshot.to_dict() or {} for snapshot in db.collection("userGenerations").stream()
    )
    records = [record for record in everything if record["userId"] == uid]
    assert _counted(db, uid, user) == _expected(records)
    done = [record for record in records if record["generationStatus"] == "success"]
    back = [record for record in records if record["generationStatus"] in _GIVEN_BACK]
    quota = user.get("quota", {})
    gone = {"success": 0, "failed": 0, "outputs": 0, **quota.get("base", {})}
    assert user.get("generatedCount", 0) == len(done) + gone["success"]
    outputs = sum(record.get("outputCount") or len(record["outputs"]) for record in done)
    assert user.get("outputCount", 0) == outputs + gone["outputs"]
    assert quota.get("failed", 0) == len(back) + gone["failed"]
    assert set(quota.get("holds", {})) == {
        record["id"]
        for record in records
        if record["generationStatus"] in {"pending", "processing"}
    }
    assert _grants_spent(quota) == _grants_due(done, quota)
    audit_log = [entry.to_dict() or {} for entry in db.collection("auditLog").stream()]
    by_operators = {entry["after"].get("generationId") for entry in audit_log}
    for record in records:
        _assert_record_is_whole(record)
        if record["generationStatus"] == "success" and record["refunded"]:
            assert record["late"] or record["id"] in by_operators


def _expected(records: list[dict[str, Any]]) -> Counts:
    counts: Counts = defaultdict(lambda: {"used": defaultdict(int), "success": 0, "failed": 0})
    for record in records:
        hold = json.loads(record["hold"])
        for code, start in hold["in"].items():
            window = _CODES.get(code, code)
            which = hold["date"] if window == "day" else _instant(start)
            entry = counts[window, which]
            if record["generationStatus"] == "success":
                entry["success"] += 1
                # One whose success came late and was forgiven has charged nothing.
                entry["used"][record["type"]] += hold["plan"] if record["charged"] else 0
            elif record["generationStatus"] in _GIVEN_BACK:
                entry["failed"] += 1
    return _without_zeros(counts)


def _counted(db: Client, uid: str, user: dict[str, Any]) -> Counts:
    counts: Counts = defaultdict(lambda: {"used": defaultdict(int), "success": 0, "failed": 0})
    for key, stored in _stored_windows(db, uid):
        assert stored["used"] == sum(stored.get("byType", {}).values())
        assert stored["used"] >= 0
        _add(counts[key], stored.get("byType", {}), stored)
    running = json.loads(user.get("quota", {}).get("windows") or "{}")
    for window, stored in running.items():
        if window in NAMES:
            which = stored["date"] if window == "day" else _instant(stored["start"])
            _add(counts[window, which], stored["used"], stored)
    return _without_zeros(counts)


def _stored_windows(db: Client, uid: str) -> Iterator[tuple[Key, dict[str, Any]]]:
    for snapshot in db.collection("usageDaily").stream():
        stored = snapshot.to_dict() or {}
        if stored["userId"] == uid:
            yield ("day", stored["date"]), stored
    for snapshot in db.collection(f"users/{uid}/windows").stream():
        stored = snapshot.to_dict() or {}
        yield (stored["window"], f"{stored['start']:%Y-%m-%dT%H:%M:%S}"), stored


def _add(entry: dict[str, Any], by_type: dict[str, int], stored: dict[str, Any]) -> None:
    for credits_by_type in (by_type, stored.get("adjusted", {})):
        for type_, credits in credits_by_type.items():
            entry["used"][type_] += credits
    entry["success"] += stored["success"]
    entry["failed"] += stored["failed"]


def _without_zeros(counts: Counts) -> Counts:
    plain = {
        key: {**entry, "used": {type_: n for type_, n in entry["used"].items() if n}}
        for key, entry in counts.items()
    }
    return {key: entry for key, entry in plain.items() if any(entry.values())}


def _grants_spent(quota: dict[str, Any]) -> dict[str, int]:
    grants = quota.get("grants", {})
    return {key: grant["used"] for key, grant in grants.items() if grant["used"]}


def _grants_due(done: list[dict[str, Any]], quota: dict[str, Any]) -> dict[str, int]:
    due: dict[str, int] = defaultdict(int)
    for record in done:
        for grant_id, credits, *_expires in json.loads(record["hold"])["grants"]:
            if record["charged"] and grant_id in quota.get("grants", {}):
                due[grant_id] += credits
    return dict(due)


def _assert_record_is_whole(record: dict[str, Any]) -> None:
    hold = json.loads(record["hold"])
    payable = hold["plan"] + sum(part[1] for part in hold["grants"])
    status, credits = record["generationStatus"], record["credits"]
    due = credits * record.get("outputCount", record["count"]) // record["count"]
    if status == "success":
        assert (record["charged"], record["refunded"]) in ((due, False), (0, True))
        assert payable == due or (record["late"] and record["refunded"] and payable == credits)
    else:
        assert (record["charged"], record["refunded"]) == (0, status in _GIVEN_BACK)
        assert payable == credits


def _instant(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
