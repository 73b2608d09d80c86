"""Queries for users on a plan, page by page."""

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.documents import Snapshot
from genquota.store.query import LONG_TIMEOUT, count_results, fetch_all


def users_on_plan(db: Client, plan_id: str, limit: int, after: str | None = None) -> list[str]:
    """Return the ids of users for whom the plan was in force when they were last written, by id.

    Which plan is in force is worked out at each call and stands nowhere, for it changes with time by
    itself; `usage.planId` is what it was at the last commit. So whoever acts on a user of this list
    decides again (`override_user` does). Whose plan has changed to this one by time alone since is not
    in the list until their next call, or until their windows roll; nor is who has never called.

    Costs one document read a user.

    Args:
        db: The database.
        plan_id: Which.
        limit: Page size.
        after: The last user of the page before.

    Raises:
        Unavailable: The store did not answer.
    """
    query = _page(db, plan_id, limit, after).select(["planId"])
    return [snapshot.id for snapshot in fetch_all(query, LONG_TIMEOUT)]


def read_users_on_plan(
    db: Client, plan_id: str, limit: int, after: str | None = None
) -> list[Snapshot]:
    """Return their whole documents. All else is as of `users_on_plan`."""
    return fetch_all(_page(db, plan_id, limit, after), LONG_TIMEOUT)


def count_users_on_plan(db: Client, plan_id: str) -> int:
    """Return how many `users_on_plan` gives: one read for each thousand, at least one.

    Raises:
        Unavailable: The store did not answer.
    """
    return count_results(_on_plan(db, plan_id))


def _page(db: Client, plan_id: str, limit: int, after: str | None) -> Query:
    query = _on_plan(db, plan_id).order_by("__name__").limit(limit)
    return query if after is None else query.start_after([db.collection("users").document(after)])


def _on_plan(db: Client, plan_id: str) -> Query:
    found: Query = db.collection("users").where(filter=FieldFilter("usage.planId", "==", plan_id))
    return found
