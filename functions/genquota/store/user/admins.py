"""Queries for admins, and a guard so that a commit never removes the last one."""

from datetime import datetime

from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.enums import Role
from genquota.store.query import fetch_all
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument, read_user, user_path


def other_active_admins(db: Client, uid: str) -> list[UserDocument]:
    """Return the admins who may act, but for the one named. An app has few.

    Raises:
        Unavailable: The store did not answer.
    """
    query = db.collection("users").where(filter=FieldFilter("role", "==", Role.ADMIN.value))
    users = [read_user(snapshot) for snapshot in fetch_all(query)]
    return [user for user in users if user.account.is_admin and user.account.uid != uid]


def assert_unchanged_on_commit(
    transaction: Transaction, guard: UserDocument, now: datetime
) -> None:
    """Make the commit fail if the guard document has changed since it was read.

    A precondition needs a write; this one changes nothing but the time of the last one.
    """
    transaction.update(user_path(guard.account.uid), {"updatedAt": now}, guard.snapshot)
