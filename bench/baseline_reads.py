"""The bare SDK reading what Genquota's HTTP API reads, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

    Snapshots = list[Any]

EXPORT_PAGE = 250


def user(db: Client, uid: str) -> dict[str, Any]:
    """Read the user."""
    (snapshot,) = db.get_all([db.document("users", uid)])
    return snapshot.to_dict() or {}


def generations(db: Client, uid: str, count: int) -> list[dict[str, Any]]:
    """Read the user, and their newest generations; one more tells whether there are more."""
    user(db, uid)
    of_user = FieldFilter("userId", "==", uid)
    page = list(_newest_first(_visible(db).where(filter=of_user)).limit(count + 1).stream())
    return [snapshot.to_dict() or {} for snapshot in page[:count]]


def analytics(db: Client, uid: str, days: int) -> list[dict[str, Any]]:
    """Read the user and the job, the days of the range and of the one before, and the range's lists."""
    db_days, today = db.collection("analyticsDaily"), datetime.now(UTC).date()
    dates = [str(today - timedelta(days=number)) for number in range(2 * days)]
    list(db.get_all([db.document("users", uid), db.document("jobs/daily_statistics")]))
    found = [each.to_dict() or {} for each in db.get_all(list(map(db_days.document, dates)))]
    lists = [
        db_days.document(day["date"]).collection("lists").document(name)
        for day in found
        if day["date"] in dates[:days]
        for name in day["lists"]
    ]
    return found + [each.to_dict() or {} for each in db.get_all(lists)]


def pages_of_all(db: Client) -> Iterator[Snapshots]:
    """Yield all generations, newest first, in pages."""
    query = _newest_first(_visible(db)).limit(EXPORT_PAGE)
    page = list(query.stream())
    while page:
        yield page
        page = list(query.start_after(page[-1]).stream()) if len(page) == EXPORT_PAGE else []


def _visible(db: Client) -> Query:
    return db.collection("userGenerations").where(
        filter=FieldFilter("isDeleted", "==", value=False)
    )


def _newest_first(query: Query) -> Query:
    by_time = query.order_by("createdAt", direction=Query.DESCENDING)
    return by_time.order_by("__name__", direction=Query.DESCENDING)
