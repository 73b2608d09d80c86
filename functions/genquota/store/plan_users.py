"""Who is on a plan, page by page."""

from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.query import LONG_TIMEOUT, find


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
    users = db.collection("users")
    query = users.where(filter=FieldFilter("usage.planId", "==", plan_id)).order_by("__name__")
    if after is not None:
        query = query.start_after([users.document(after)])
    return [snapshot.id for snapshot in find(query.select(["planId"]).limit(limit), LONG_TIMEOUT)]
