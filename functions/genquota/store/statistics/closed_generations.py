"""Queries for records of closed generations."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.enums import Status
from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import ClosedGeneration
from genquota.domain.windows import Span
from genquota.store.documents import NOT_UNDERSTOOD
from genquota.store.query import count_results
from genquota.store.selected_fields import selected
from genquota.store.statistics.generation_facts import (
    CLOSED_FACTS,
    FACT_FIELDS,
    closed_generation,
    facts_from_text,
)

_COLLECTION = "userGenerations"
_FINAL = (Status.SUCCESS, Status.FAILED, Status.CANCELLED, Status.EXPIRED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""What claims to be from before is no time to reckon with."""
FIELDS = (*FACT_FIELDS, "closedAt", CLOSED_FACTS)
"""What is read of each record."""


@dataclass(frozen=True, slots=True, order=True)
class ClosingPosition:
    """Where a record stands in the order in which generations closed."""

    at: datetime
    """`closedAt`, aware, UTC."""
    id: str


@dataclass(frozen=True, slots=True)
class ClosedRecord:
    """A record that has ended."""

    id: str
    position: ClosingPosition | None
    """None: it closed before records said when."""
    knows_previous: bool
    """Whether it says when its user's generation before was created."""
    generation: ClosedGeneration | None
    """None: it is not understood, because somebody edited it."""


def closed_page(
    db: Client, after: ClosingPosition | None, before: datetime, limit: int
) -> list[ClosedRecord]:
    """Return the records that closed before an instant, in order, each as it closed.

    Args:
        db: The database.
        after: The last record of the page before. None: from the first on.
        before: Aware.
        limit: Most records to return.

    Raises:
        Unavailable: The store did not answer.
    """
    query = (
        db.collection(_COLLECTION)
        .where(filter=FieldFilter("closedAt", "<", before))
        .order_by("closedAt")
        .order_by("__name__")
        .limit(limit)
    )
    if after:
        reference = db.document(f"{_COLLECTION}/{after.id}")
        query = query.start_after({"closedAt": after.at, "__name__": reference})
    return [_record(id_, data, as_closed=True) for id_, data in selected(query, FIELDS)]


def count_closed_after(db: Client, after: ClosingPosition | None) -> int:
    """Return how many records have closed after a position, but for those of the same instant."""
    query: Any = db.collection(_COLLECTION).order_by("closedAt")
    if after:
        query = query.where(filter=FieldFilter("closedAt", ">", after.at))
    return count_results(query)


def ended_records(
    db: Client, span: Span, read_time: datetime, page: int
) -> Iterator[list[ClosedRecord]]:
    """Yield page by page the records of generations that were created in a span and have ended.

    They are read as they were at ``read_time``, and come with all that has changed since they closed.
    Newest first, hidden ones apart, because that is the order of an index that is there anyway.

    Raises:
        Unavailable: The store did not answer.
    """
    for is_hidden in (False, True):
        newest_first = _created_in(db, span, is_hidden=is_hidden)
        query = newest_first.order_by("__name__", direction=Query.DESCENDING).limit(page)
        after: tuple[datetime, str] | None = None
        while True:
            here = query
            if after:
                reference = db.document(f"{_COLLECTION}/{after[1]}")
                here = query.start_after({"createdAt": after[0], "__name__": reference})
            found = list(selected(here, (*FIELDS, "hold"), read_time))
            # An app's own records from before Genquota have no hold.
            yield [
                _record(id_, data)
                for id_, data in found
                if data.get("generationStatus") in _FINAL and "hold" in data
            ]
            if len(found) < page:
                break
            after = (found[-1][1]["createdAt"], found[-1][0])


def count_ended(db: Client, span: Span, read_time: datetime | None = None) -> dict[Status, int]:
    """Count generations that were created in a span, by final status, as it was at ``read_time``.

    None: as it is. It costs one read for every thousand, at least 8.
    """
    return {
        status: sum(
            count_results(
                _created_in(db, span, is_hidden=is_hidden).where(
                    filter=FieldFilter("generationStatus", "==", status.value)
                ),
                read_time,
            )
            for is_hidden in (False, True)
        )
        for status in _FINAL
    }


def previous_created_at(db: Client, generation: ClosedGeneration) -> datetime | None:
    """Look up when the user's generation before this one was created. None: there is no record of one."""
    found = []
    for is_hidden in (False, True):
        query = (
            db.collection(_COLLECTION)
            .where(filter=FieldFilter("userId", "==", generation.uid))
            .where(filter=FieldFilter("isDeleted", "==", is_hidden))
            .where(filter=FieldFilter("createdAt", ">=", _EPOCH))
            .where(filter=FieldFilter("createdAt", "<", generation.created_at))
            .order_by("createdAt", direction=Query.DESCENDING)
            .limit(1)
        )
        found += [data["createdAt"] for _, data in selected(query, ["createdAt"])]
    return max(found, default=None)


def _record(id_: str, data: Mapping[str, Any], *, as_closed: bool = False) -> ClosedRecord:
    closed_at = data.get("closedAt")
    position = ClosingPosition(closed_at, id_) if isinstance(closed_at, datetime) else None
    try:
        if as_closed and CLOSED_FACTS in data:
            generation = facts_from_text(data[CLOSED_FACTS])
        else:
            generation = closed_generation(id_, data)
    except NOT_UNDERSTOOD:
        generation = None
    return ClosedRecord(id_, position, bool(data.get("previousAt")), generation)


def _created_in(db: Client, span: Span, *, is_hidden: bool) -> Query:
    return (
        db.collection(_COLLECTION)
        .where(filter=FieldFilter("isDeleted", "==", is_hidden))
        .where(filter=FieldFilter("createdAt", ">=", span.start))
        .where(filter=FieldFilter("createdAt", "<", span.end))
        .order_by("createdAt", direction=Query.DESCENDING)
    )
