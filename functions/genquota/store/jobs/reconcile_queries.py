"""Queries for reconciliation: all records of a user, and their stored windows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.enums import Window
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.reconciliation import StoredWindow, WindowCounts
from genquota.store.closed_windows import closed_window_path
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.generation_document import read_generation
from genquota.store.query import LONG_TIMEOUT, count_results, fetch_all, fetch_pages
from genquota.store.transaction import Transaction

_PAGE = 500
_OF_NO_TYPE = "of no type"
"""Stands for what a total says beyond its parts, which no record can have caused."""
_NEEDED = (
    "userId",
    "generationStatus",
    "hold",
    "holdSeconds",
    "createdAt",
    "charged",
    "refunded",
    "late",
    "outputs",
    "outputCount",
    "count",
)
"""Prompts and metadata stay where they are: a page must fit into memory, and be soon here."""


def users_by_id(db: Client, limit: int, after: str | None) -> list[Snapshot]:
    """Return up to ``limit`` users in the order of their ids, from the one behind ``after`` on."""
    query = db.collection("users").order_by("__name__").limit(limit)
    if after is not None:
        query = query.start_after({"__name__": db.document(f"users/{after}")})
    return fetch_all(query, LONG_TIMEOUT)


def count_users_and_records(db: Client) -> tuple[int, int]:
    """Return how many users and how many records of generations there are."""
    return count_results(db.collection("users")), count_results(db.collection("userGenerations"))


def records_of(db: Client, uid: str) -> Iterator[tuple[Generation, int]]:
    """Yield each generation of a user with the number of its outputs, reading page by page.

    Records that are not Genquota's are left out.
    """
    query = (
        db.collection("userGenerations")
        .where(filter=FieldFilter("userId", "==", uid))
        .select(_NEEDED)
    )
    for page in fetch_pages(query, _PAGE):
        for snapshot in page:
            record = read_generation(snapshot)
            if record:
                yield record.generation, record.output_count


def stored_windows(db: Client, uid: str, since: datetime) -> list[StoredWindow]:
    """Return the closed windows of a user that began at ``since`` or later."""
    days = (
        db.collection("usageDaily")
        .where(filter=FieldFilter("userId", "==", uid))
        .where(filter=FieldFilter("date", ">=", since.date().isoformat()))
        .order_by("date", direction=Query.DESCENDING)
    )
    others = db.collection(f"users/{uid}/windows").where(filter=FieldFilter("start", ">=", since))
    return [
        _stored_window(document_data(snapshot))
        for query in (days, others)
        for snapshot in fetch_all(query, LONG_TIMEOUT)
    ]


def correct_stored_window(transaction: Transaction, uid: str, entry: StoredWindow) -> None:
    """Write what a closed window should say. The precondition on the user covers it."""
    path = closed_window_path(uid, entry.window, entry.start, entry.date)
    counts = entry.counts
    fields = {
        "used": sum(counts.used.values()),
        "success": counts.success,
        "failed": counts.failed,
        "byType": dict(counts.used),
    }
    if entry.has_document:
        transaction.update(path, fields)
        return
    is_day = entry.window is Window.DAY
    name = {"date": entry.date} if is_day else {"window": entry.window.value}
    transaction.create(path, {"userId": uid, "start": entry.start, **name, **fields})


def _stored_window(data: Mapping[str, Any]) -> StoredWindow:
    window = Window(data.get("window", Window.DAY))
    used = {type_: credits for type_, credits in (data.get("byType") or {}).items() if credits}
    if beyond := data["used"] - sum(used.values()):
        used[_OF_NO_TYPE] = beyond
    counts = WindowCounts(used, data["success"], data["failed"])
    adjusted = {key: n for key, n in (data.get("adjusted") or {}).items() if n}
    return StoredWindow(
        window, to_utc_datetime(data["start"]), data.get("date", ""), counts, adjusted
    )
