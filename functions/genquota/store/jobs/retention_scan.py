"""The retention scan: records created before an instant, newest first, page by page.

Newest first is the order of the index that the admins' list has anyway; one on the creation time alone
would be another one for every generation to be written to.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.query import LONG_TIMEOUT, count_results, fetch_all


@dataclass(frozen=True, slots=True)
class ScanRange:
    """A range of time to scan, and the position that the scan has reached.

    First those that their owners see, then those that they have hidden: each half is one index scan.
    """

    before: datetime
    since: datetime | None = None
    """None: from the first record on."""
    is_hidden: bool = False
    after: tuple[datetime, str] | None = None
    """Creation time and id of the last record that was looked at; what was deleted before it is not
    scanned again."""
    oldest_skipped: datetime | None = None
    """Creation time of the oldest record that must be looked at again."""

    def advance(self, page: list[Snapshot], left: list[Snapshot]) -> "ScanRange":
        """Return the range after a page, of which some records were ``left``."""
        last = page[-1]
        times = [created_at(snapshot) for snapshot in left]
        oldest_skipped = min(
            [*times, *([self.oldest_skipped] if self.oldest_skipped else [])], default=None
        )
        return replace(self, after=(created_at(last), last.id), oldest_skipped=oldest_skipped)


def created_at(snapshot: Snapshot) -> datetime:
    return to_utc_datetime(document_data(snapshot)["createdAt"])


def next_records(db: Client, scan_range: ScanRange, limit: int) -> list[Snapshot]:
    """Return the next up to ``limit`` records of a range."""
    query = _query(db, scan_range).limit(limit)
    if scan_range.after:
        at, id_ = scan_range.after
        reference = db.document(f"userGenerations/{id_}")
        query = query.start_after({"createdAt": at, "__name__": reference})
    return fetch_all(query, LONG_TIMEOUT)


def count_records(db: Client, scan_range: ScanRange) -> int:
    """Return how many records a range has, hidden ones included."""
    halves = (replace(scan_range, is_hidden=is_hidden) for is_hidden in (False, True))
    return sum(count_results(_query(db, half)) for half in halves)


def scan_range_to_document(scan_range: ScanRange) -> dict[str, Any]:
    return {
        "before": scan_range.before,
        "since": scan_range.since,
        "isHidden": scan_range.is_hidden,
        "afterCreatedAt": scan_range.after[0] if scan_range.after else None,
        "afterId": scan_range.after[1] if scan_range.after else None,
        "heldBack": scan_range.oldest_skipped,
    }


def scan_range_from_document(entry: Mapping[str, Any]) -> ScanRange:
    """Read what `scan_range_to_document` wrote."""
    after = (
        (to_utc_datetime(entry["afterCreatedAt"]), entry["afterId"]) if entry["afterId"] else None
    )
    since, oldest_skipped = (
        entry[name] and to_utc_datetime(entry[name]) for name in ("since", "heldBack")
    )
    return ScanRange(
        to_utc_datetime(entry["before"]), since, entry["isHidden"], after, oldest_skipped
    )


def _query(db: Client, scan_range: ScanRange) -> Query:
    query = (
        db.collection("userGenerations")
        .where(filter=FieldFilter("isDeleted", "==", scan_range.is_hidden))
        .where(filter=FieldFilter("createdAt", "<", scan_range.before))
    )
    if scan_range.since:
        query = query.where(filter=FieldFilter("createdAt", ">=", scan_range.since))
    return query.order_by("createdAt", direction=Query.DESCENDING).order_by(
        "__name__", direction=Query.DESCENDING
    )
