"""The bare SDK going through what `cleanup` and `reconcile` go through, without counting anything.

Records past retention are paged and deleted in batches; users, their records and their closed windows
are read by the same queries, and not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

if TYPE_CHECKING:
    from datetime import datetime

DELETED_AT_ONCE, USERS_AT_ONCE = 200, 50
_NEEDED = (
    *("userId", "generationStatus", "hold", "holdSeconds", "createdAt", "charged", "refunded"),
    *("late", "outputs"),
)


def cleanup(db: Client, before: datetime) -> int:
    """Delete the records that were created before an instant. Return how many those were."""
    query = (
        db.collection("userGenerations")
        .where(filter=FieldFilter("isDeleted", "==", value=False))
        .where(filter=FieldFilter("createdAt", "<", before))
        .order_by("createdAt", direction=Query.DESCENDING)
        .order_by("__name__", direction=Query.DESCENDING)
        .limit(DELETED_AT_ONCE)
    )
    deleted, page = 0, list(query.stream())
    while page:
        batch = db.batch()
        for snapshot in page:
            batch.delete(snapshot.reference)
        batch.commit()
        deleted += len(page)
        is_last = len(page) < DELETED_AT_ONCE
        page = [] if is_last else list(query.start_after(page[-1]).stream())
    return deleted


def reconcile(db: Client, since: datetime) -> int:
    """Read all users, their records and closed windows. Return how many records those were."""
    query = db.collection("users").order_by("__name__").limit(USERS_AT_ONCE)
    records, page = 0, list(query.stream())
    while page:
        records += sum(_records(db, snapshot.id, since) for snapshot in page)
        is_last = len(page) < USERS_AT_ONCE
        page = [] if is_last else list(query.start_after(page[-1]).stream())
    return records


def _records(db: Client, uid: str, since: datetime) -> int:
    of_user = FieldFilter("userId", "==", uid)
    records = db.collection("userGenerations").where(filter=of_user).select(_NEEDED)
    found = len(list(records.order_by("__name__").limit(500).stream()))
    days = db.collection("usageDaily").where(filter=of_user)
    days = days.where(filter=FieldFilter("date", ">=", since.date().isoformat()))
    list(days.order_by("date", direction=Query.DESCENDING).stream())
    windows = db.collection(f"users/{uid}/windows").where(filter=FieldFilter("start", ">=", since))
    list(windows.stream())
    return found
