"""Sources of a user's timeline: records, audit entries, grants and closed windows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.enums import Provider, Window
from genquota.domain.timeline.timeline import (
    EarlierWindow,
    EventKind,
    TimelineCursor,
    WindowCredits,
    WindowEvent,
)
from genquota.domain.timeline.timeline_events import (
    AuditRecord,
    RecordedGeneration,
    audit_event,
    generation_events,
)
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot, document_data, to_utc_datetime
from genquota.store.generation_document import read_generation
from genquota.store.listing import Listing
from genquota.store.query import fetch_all

GENERATIONS, AUDIT, GRANTS = "generations", "audit", "grants"

_LATE_NOTICE = timedelta(days=7)
"""A paid period that began is known when its event comes; until then the period before is reserved in."""


def sources(uid: str, window: Window, place: TimelineCursor) -> dict[str, Listing]:
    """Return where a window's events come from, newest first, by the names of `TimelineCursor.after`."""
    end = None if place.is_running else place.end
    last_created = end and end + (_LATE_NOTICE if window is Window.PERIOD else timedelta(0))
    since: dict[str, Any] = {"is_descending": True, "since": place.start}
    everything = {"userId": uid, "isDeleted": (False, True)}
    return {
        GENERATIONS: Listing(
            "userGenerations", everything, by="createdAt", until=last_created, **since
        ),
        AUDIT: Listing("auditLog", {"userId": uid}, by="at", **since),
        GRANTS: Listing(f"users/{uid}/grants", by="createdAt", until=end, **since),
    }


def events_of(
    source: str, snapshot: Snapshot, window: Window, place: TimelineCursor, now: datetime
) -> tuple[WindowEvent, ...]:
    """Return the events of a document for a window; none if somebody edited it into something else."""
    try:
        if source == GENERATIONS:
            record = _recorded(snapshot)
            return tuple(generation_events(record, window, place.start, now)) if record else ()
        if source == GRANTS:
            return _grant_events(document_data(snapshot), snapshot.id)
        event = audit_event(_audit_record(snapshot), window, place.start)
    except NOT_UNDERSTOOD:
        return ()
    is_shown = event and (event.used or place.is_running or event.at < place.end)
    return (event,) if event and is_shown else ()


def closed_window(
    db: Client, uid: str, window: Window, before: datetime, zone: ZoneInfo, as_of: datetime
) -> tuple[EarlierWindow, WindowCredits] | None:
    """Return the newest window that began before an instant, and of which something is kept.

    Raises:
        Unavailable: The store did not answer.
    """
    at_most = 1
    if window is Window.DAY:
        # A day that another zone's piece was joined to begins on an earlier date than it is named by.
        at_most = 3
        query = (
            db.collection("usageDaily")
            .where(filter=FieldFilter("userId", "==", uid))
            .where(filter=FieldFilter("date", "<=", before.astimezone(zone).date().isoformat()))
            .order_by("date", direction=Query.DESCENDING)
        )
    else:
        query = (
            db.collection(f"users/{uid}/windows")
            .where(filter=FieldFilter("window", "==", window.value))
            .where(filter=FieldFilter("start", "<", before))
            .order_by("start", direction=Query.DESCENDING)
        )
    for snapshot in fetch_all(query.limit(at_most), read_time=as_of):
        data = document_data(snapshot)
        start, end = to_utc_datetime(data["start"]), data.get("end")
        if start < before:
            credits = WindowCredits(
                _credits(data.get("byType")), {}, _credits(data.get("adjusted"))
            )
            return EarlierWindow(
                start, to_utc_datetime(end) if end else None, data["used"]
            ), credits
    return None


def _recorded(snapshot: Snapshot) -> RecordedGeneration | None:
    document = read_generation(snapshot)
    if document is None:
        return None
    data = document.data
    names = ("completedAt", "closedAt", "failedAt", "updatedAt")
    closed_at = next(data[name] for name in names if isinstance(data.get(name), datetime))
    refunded_at = data.get("refundedAt")
    return RecordedGeneration(
        document.generation,
        to_utc_datetime(closed_at),
        data.get("heldCredits"),
        to_utc_datetime(refunded_at) if refunded_at else None,
        data.get("refundedFrom") or {},
        {name: data[name] for name in ("planId", "errorMessage") if name in data},
    )


def _audit_record(snapshot: Snapshot) -> AuditRecord:
    data = document_data(snapshot)
    before = dict(data.get("before") or {})
    if isinstance(before.get("start"), datetime):
        before["start"] = to_utc_datetime(before["start"])
    facts = {**data, "id": snapshot.id}
    after = data.get("after") or {}
    return AuditRecord(
        snapshot.id, to_utc_datetime(data["at"]), data["action"], before, after, facts
    )


def _grant_events(data: Mapping[str, Any], grant_id: str) -> tuple[WindowEvent, ...]:
    """Return grants that were bought; those that operators gave are in the audit log, with a note."""
    if data.get("givenBy") not in set(Provider):
        return ()
    facts = {**data, "grantId": grant_id}
    return (WindowEvent(to_utc_datetime(data["createdAt"]), EventKind.GRANT, facts=facts),)


def _credits(stored: Mapping[str, int] | None) -> dict[str, int]:
    return {type_: credits for type_, credits in (stored or {}).items() if credits}
