"""Export all data of a user, page by page."""

import json
import time
from datetime import timedelta

from genquota.domain.errors import InvalidArgument, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot
from genquota.store.privacy.user_documents import ExportCursor, iterate_user_documents
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.user_document import read_user, user_path
from genquota.use_cases.core.authorization import authorize, require_active
from genquota.use_cases.core.context import Caller, Context

MOST_DOCUMENTS = 500
MOST_BYTES = 2_000_000
"""Of one page, about."""


@dataclass(frozen=True, slots=True)
class ExportPage:
    """One page of what is kept of a user."""

    user_id: str
    documents: tuple[Snapshot, ...]
    next: ExportCursor | None
    """Where the next page begins; None: this was the last."""


def export_user(
    context: Context,
    caller: Caller | None,
    user_id: str | None,
    place: ExportCursor,
    *,
    most: int = MOST_DOCUMENTS,
    time_allowed: timedelta = timedelta(seconds=30),
) -> ExportPage:
    """Return a page of the user's documents: profile, usage, all below, generations, and the rest.

    Args:
        context: The deployment.
        caller: The user, an admin, or None: the command line.
        user_id: Whose data; None is the caller.
        place: Where the page begins.
        most: Documents in the page, at most.
        time_allowed: After which the page ends, at the next document.

    Raises:
        InvalidArgument: The place is none of this user's.
        NotAllowed: The caller is neither the user nor an admin.
        AccountDisabled, AccountDeleted: The caller is barred.
        UserNotFound: There is no such user.
        GenquotaError: The store did not answer.
    """
    uid = user_id or (caller.uid if caller else None)
    if uid is None:
        raise UserNotFound
    _authorize(context, caller, uid)
    if not place.is_within(uid):
        raise InvalidArgument((("cursor", "not one of this export"),))
    stop_at = time.monotonic() + time_allowed.total_seconds()
    documents: list[Snapshot] = []
    size, last = 0, place
    for behind, document in iterate_user_documents(context.db, uid, place):
        is_full = len(documents) >= most or size >= MOST_BYTES or time.monotonic() >= stop_at
        if documents and is_full:
            return ExportPage(uid, tuple(documents), last)
        documents.append(document)
        size += len(json.dumps(document.to_dict(), default=str))
        last = behind
    return ExportPage(uid, tuple(documents), None)


def _authorize(context: Context, caller: Caller | None, uid: str) -> None:
    is_own = caller is not None and caller.uid == uid

    def attempt(transaction: Transaction) -> None:
        paths = {user_path(uid), *([user_path(caller.uid)] if caller else [])}
        found = transaction.read(paths)
        if caller:
            asker = read_user(found[user_path(caller.uid)])
            require_active(asker.account)
            permission = Permission.EXPORT_OWN_DATA if is_own else Permission.EXPORT_USER_DATA
            authorize(caller, asker.account.role, permission, uid)
        if not is_own and not found[user_path(uid)].exists:
            raise UserNotFound

    run_transaction(context.db, attempt)
