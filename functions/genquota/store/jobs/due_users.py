"""Queries for users that a scheduled job must handle, page by page."""

from datetime import datetime
from enum import StrEnum

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.documents import Snapshot
from genquota.store.query import LONG_TIMEOUT, count_results, fetch_all


class Due(StrEnum):
    """The field of a user document that says when a job is due."""

    EXPIRE = "quota.expireAt"
    """A hold has passed its end."""
    ROLL = "quota.rollAt"
    """A window with something counted in it has ended."""


def due_users(
    db: Client, due: Due, now: datetime, limit: int, after: Snapshot | None
) -> list[Snapshot]:
    """Return up to ``limit`` users for whom ``due`` has come, the longest due first.

    Args:
        db: The database.
        due: What is due.
        now: Aware, UTC.
        limit: Page size.
        after: The last user of the page before. Users who were looked at leave the index; the cursor
            passes over their traces, and over those who could not be helped.
    """
    query = _query(db, due, now).limit(limit)
    if after is not None:
        query = query.start_after(after)
    return fetch_all(query, LONG_TIMEOUT)


def count_due_users(db: Client, due: Due, now: datetime) -> int:
    """Return for how many users ``due`` has come."""
    return count_results(_query(db, due, now))


def _query(db: Client, due: Due, now: datetime) -> Query:
    users = db.collection("users")
    return users.where(filter=FieldFilter(due.value, "<=", now)).order_by(due.value)
