"""Who is an admin, by a query, and one of them as the witness of a commit."""

from datetime import datetime

from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.words import Role
from genquota.store.query import find
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument, read_user, user_path


def admins_beside(db: Client, uid: str) -> list[UserDocument]:
    """Return the admins who may act, but for the one named. An app has few.

    Raises:
        Unavailable: The store did not answer.
    """
    query = db.collection("users").where(filter=FieldFilter("role", "==", Role.ADMIN.value))
    users = [read_user(snapshot) for snapshot in find(query)]
    return [user for user in users if user.account.is_admin and user.account.uid != uid]


def keep_as_seen(transaction: Transaction, witness: UserDocument, now: datetime) -> None:
    """Let the commit pass only if nobody has changed the witness since they were read.

    A precondition needs a write; this one changes nothing but the time of the last one.
    """
    transaction.update(user_path(witness.account.uid), {"updatedAt": now}, witness.snapshot)
