"""Lists of documents, page by page: equalities, one order, and a position to go on from."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, to_utc_datetime
from genquota.store.query import count_results, fetch_all

Position = tuple[datetime | None, str]
"""The value that a list is ordered by (None: null, or ordered by id), and the document's id."""

_NAME = "__name__"
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents, in which order. Ties are decided by id."""

    collection: str
    equal: Mapping[str, object] = field(default_factory=dict)
    """Values by field; a tuple stands for any of its values."""
    by: str | None = None
    """A time; documents without the field are not in the list. None: by id."""
    is_descending: bool = False
    since: datetime | None = None
    """Of `by`, included."""
    until: datetime | None = None
    """Of `by`, excluded."""


def read_page(
    db: Client,
    listing: Listing,
    limit: int,
    after: Position | None = None,
    read_time: datetime | None = None,
) -> list[Snapshot]:
    """Return up to ``limit`` documents, those behind the position only, as they were at ``read_time``.

    Raises:
        Unavailable: The store did not answer.
    """
    query = _query(db, listing).limit(limit)
    if after is not None:
        at, name = after
        reference = db.collection(listing.collection).document(name)
        query = query.start_after([at, reference] if listing.by else [reference])
    return fetch_all(query, _TIMEOUT_SECONDS, read_time)


def count_documents(db: Client, listing: Listing) -> int:
    """Return how many documents there are: one read for each thousand, at least one.

    Raises:
        Unavailable: The store did not answer.
    """
    return count_results(_query(db, listing))


def position_of(listing: Listing, snapshot: Snapshot) -> Position:
    """Return where a document stands in the list."""
    at: Any = snapshot.get(listing.by) if listing.by else None
    return (to_utc_datetime(at) if isinstance(at, datetime) else None, snapshot.id)


def _query(db: Client, listing: Listing) -> Query:
    query: Any = db.collection(listing.collection)
    for path, value in listing.equal.items():
        if isinstance(value, tuple):
            query = query.where(filter=FieldFilter(path, "in", list(value)))
        else:
            query = query.where(filter=FieldFilter(path, "==", value))
    direction = Query.DESCENDING if listing.is_descending else Query.ASCENDING
    if listing.by:
        if listing.since:
            query = query.where(filter=FieldFilter(listing.by, ">=", listing.since))
        if listing.until:
            query = query.where(filter=FieldFilter(listing.by, "<", listing.until))
        query = query.order_by(listing.by, direction=direction)
    ordered: Query = query.order_by(_NAME, direction=direction)
    return ordered
