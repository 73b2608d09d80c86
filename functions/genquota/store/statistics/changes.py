"""`analyticsChanges/{id}`: changes of closed generations that are not counted yet.

A late success or a refund adds one in its own commit. It says what the generation was and what it is, so
that the statistics take away the one and add the other. The record keeps what it was when it closed, so
that it is counted like that, whether it is read before the change or after.
"""

from collections.abc import Iterator
from datetime import datetime

from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import ClosedGeneration
from genquota.domain.windows import Span
from genquota.store.documents import (
    NOT_UNDERSTOOD,
    Fields,
    Snapshot,
    document_data,
    to_utc_datetime,
)
from genquota.store.query import LONG_TIMEOUT, count_results, fetch_all, fetch_pages
from genquota.store.statistics.closed_generations import ClosingPosition
from genquota.store.statistics.generation_facts import (
    CLOSED_FACTS,
    closed_generation,
    facts_from_text,
    facts_to_text,
)
from genquota.store.transaction import Transaction

COLLECTION = "analyticsChanges"
PAGE = 200


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that is not counted yet."""

    snapshot: Snapshot
    position: ClosingPosition | None
    """Of the record. None: it closed before records said when."""
    was: ClosedGeneration
    is_: ClosedGeneration

    @property
    def signed(self) -> tuple[tuple[ClosedGeneration, int], ...]:
        """The change as `aggregate_by_day` takes it."""
        return (self.was, -1), (self.is_, 1)


def record_change(
    transaction: Transaction, seen: Snapshot, changes: Fields, name: str, now: datetime
) -> dict[str, str]:
    """Write down how the record of a closed generation is about to change.

    Args:
        transaction: The one that changes the record.
        seen: The record as it was read.
        changes: The fields that change, by top-level name.
        name: Of the change: each happens to a generation once.
        now: Aware.

    Returns:
        Fields that the record must get too; none if the record is not understood, because somebody
        edited it: statistics are no reason to refuse what is reported of it.
    """
    data = document_data(seen)
    try:
        was = facts_to_text(closed_generation(seen.id, data))
        is_ = facts_to_text(closed_generation(seen.id, {**data, **changes}))
    except NOT_UNDERSTOOD:
        return {}
    document = {
        "at": now,
        "generationId": seen.id,
        "userId": data["userId"],
        "createdAt": data["createdAt"],
        "closedAt": data.get("closedAt"),
        "was": was,
        "is": is_,
    }
    transaction.create(f"{COLLECTION}/{seen.id}_{name}", document)
    return {CLOSED_FACTS: data.get(CLOSED_FACTS, was)}


def pending_changes(db: Client) -> Iterator[tuple[list[PendingChange], int]]:
    """Yield the changes page by page, and of each page how many were not understood.

    Raises:
        Unavailable: The store did not answer.
    """
    for page in fetch_pages(db.collection(COLLECTION), PAGE):
        yield _parse(page)


def count_changes(db: Client) -> int:
    return count_results(db.collection(COLLECTION))


def changes_of(db: Client, span: Span, read_time: datetime) -> list[PendingChange]:
    """Return the changes, as of ``read_time``, of generations that were created in a span.

    Raises:
        Unavailable: The store did not answer.
    """
    query = (
        db.collection(COLLECTION)
        .where(filter=FieldFilter("createdAt", ">=", span.start))
        .where(filter=FieldFilter("createdAt", "<", span.end))
    )
    return _parse(fetch_all(query, LONG_TIMEOUT, read_time))[0]


def changes_of_user(db: Client, uid: str, most: int | None = None) -> list[Snapshot]:
    """Return the changes of a user's generations: all, or some.

    Raises:
        Unavailable: The store did not answer.
    """
    query = db.collection(COLLECTION).where(filter=FieldFilter("userId", "==", uid))
    return fetch_all(query.limit(most) if most else query, LONG_TIMEOUT)


def _parse(found: list[Snapshot]) -> tuple[list[PendingChange], int]:
    changes, failed = [], 0
    for each in found:
        data = document_data(each)
        try:
            was, is_ = facts_from_text(data["was"]), facts_from_text(data["is"])
            closed_at = data.get("closedAt")
            position = (
                ClosingPosition(to_utc_datetime(closed_at), data["generationId"])
                if closed_at
                else None
            )
        except NOT_UNDERSTOOD:
            failed += 1
            continue
        changes.append(PendingChange(each, position, was, is_))
    return changes, failed
