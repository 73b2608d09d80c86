"""The only place that runs queries, so that an outage of the store is `Unavailable` everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, CollectionReference, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.errors import Unavailable
from genquota.store.documents import ReadDocument, Snapshot
from genquota.store.rpc import NO_ANSWER, RPC_RETRY, RPC_TIMEOUT, rpc_of

LONG_TIMEOUT = 60.0
"""Seconds, for what jobs ask."""


@contextmanager
def mapping_outages() -> Iterator[None]:
    """Map the library's errors of an outage to `Unavailable`.

    Raises:
        Unavailable
    """
    try:
        yield
    except NO_ANSWER as no_answer:
        raise Unavailable from no_answer


def fetch_all(
    query: Query | CollectionReference,
    timeout: float = RPC_TIMEOUT,
    read_time: datetime | None = None,
) -> list[Snapshot]:
    """Return all documents that a query finds.

    Args:
        query: With a limit, unless few are expected.
        timeout: Seconds.
        read_time: Find what there was then, at most an hour ago. None: what there is.

    Raises:
        Unavailable: The store did not answer.
    """
    if isinstance(query, CollectionReference):
        query = query._query()  # noqa: SLF001
    db = query._client  # noqa: SLF001
    wire = rpc_of(db)
    with mapping_outages():
        answers = wire.query(query, timeout, read_time)
    return [
        ReadDocument(db, wire.path_of(answer.document.name), answer.document, answer.read_time)
        for answer in answers
        if answer.HasField("document")
    ]


def fetch_pages(query: Query | CollectionReference, size: int) -> Iterator[list[Snapshot]]:
    """Yield what a query finds in the order of the documents' names, page by page.

    Raises:
        Unavailable: The store did not answer.
    """
    query = query.order_by("__name__").limit(size)
    while page := fetch_all(query, LONG_TIMEOUT):
        yield page
        if len(page) < size:
            return
        query = query.start_after({"__name__": page[-1].reference})


def count_results(query: Query | CollectionReference, read_time: datetime | None = None) -> int:
    """Return how many documents a query finds, without reading them: one read is billed for each thousand.

    Args:
        query: What to count.
        read_time: Count what there was then, at most an hour ago. None: what there is.

    Raises:
        Unavailable: The store did not answer.
    """
    counting: Any = query.count()  # only partly annotated
    with mapping_outages():
        ((result,),) = counting.get(retry=RPC_RETRY, timeout=LONG_TIMEOUT, read_time=read_time)
    return int(result.value)


def generations_since(db: Client, uid: str, since: datetime) -> Query:
    """Return the query for a user's records since an instant (aware), newest first, hidden ones included."""
    return (
        db.collection("userGenerations")
        .where(filter=FieldFilter("userId", "==", uid))
        .where(filter=FieldFilter("isDeleted", "in", [False, True]))
        .where(filter=FieldFilter("createdAt", ">=", since))
        .order_by("createdAt", direction=Query.DESCENDING)
    )
