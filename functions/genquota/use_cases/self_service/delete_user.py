"""Delete a user: disable the account and write a tombstone at once, then delete page by page."""

import logging
import time
from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta

from genquota.domain.audit_actions import AuditAction
from genquota.domain.enums import Role
from genquota.domain.errors import AccountDisabled, GenquotaError, NotAllowed, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.privacy.deletion import (
    clear_pending_deletion,
    count_user_documents,
    delete_user_documents,
    deletion_path,
    pending_deletions,
    write_tombstone,
)
from genquota.store.privacy.former_users import counters_of_user, known_email_hash, release_email
from genquota.store.rpc import StoreError
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.user_document import UserDocument, read_user, user_path
from genquota.use_cases.core.authorization import authorize, require_active
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.job_report import JobReport
from genquota.use_cases.core.request_context import AuditContext, actor_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeletionProgress:
    """How far it has come. The account is barred in any case."""

    user_id: str
    finished: bool
    """False: the time was up; the next call, or `cleanup`, goes on."""
    documents: Mapping[str, int] = field(default_factory=dict)
    """Deleted or stripped by this call, by collection; in a dry run, those that would be."""
    audit_id: str | None = None


@dataclass(slots=True)
class DeletionReport(JobReport):
    """What one run did to users who are being deleted."""

    users: int = 0
    documents: int = 0


def delete_user(
    context: Context,
    caller: Caller | None,
    user_id: str | None,
    time_allowed: timedelta,
    audit: AuditContext | None = None,
) -> DeletionProgress:
    """Delete a user's data except what accounting must keep, or continue an unfinished deletion.

    Args:
        context: The deployment.
        caller: The user, an admin, or None: the command line.
        user_id: Who is deleted; None is the caller.
        time_allowed: About how long this call may take; the account is barred first.
        audit: The note for the audit log. Required for another user than the caller.

    Raises:
        NotAllowed: The caller may not; or the user is an admin, who must first give up the role.
        AccountDisabled: A user who is barred asks for themself.
        UserNotFound: There is no such user.
        GenquotaError: The store did not answer.
    """
    uid = user_id or (caller.uid if caller else None)
    if uid is None:
        raise UserNotFound
    is_own = caller is not None and caller.uid == uid
    if not is_own and audit is None:
        raise NotAllowed

    def attempt(transaction: Transaction) -> DeletionProgress:
        callers = [] if caller is None else [user_path(caller.uid)]
        paths = {user_path(uid), deletion_path(uid), *callers, *context.clock.paths()}
        found = transaction.read(paths)
        seen = read_user(found[user_path(uid)])
        _authorize(caller, seen, read_user(found[callers[0]]) if callers else None)
        if seen.is_tombstone:
            return DeletionProgress(uid, finished=not found[deletion_path(uid)].exists)
        if audit and audit.dry_run:
            return DeletionProgress(uid, finished=False)
        now = context.clock.at(found)
        # Under both, or whoever takes another email before they leave comes back under the first.
        shown = caller.email_hash if caller and is_own else None
        kept = counters_of_user(seen, now)
        for email_hash in filter(None, {shown, known_email_hash(seen)}):
            release_email(transaction, email_hash, uid, kept, now)
        write_tombstone(transaction, seen, now, kept)
        if is_own or audit is None:
            return DeletionProgress(uid, finished=False)
        actor = actor_of(caller)
        is_so, will_be = {"isDeleted": seen.account.is_deleted}, {"isDeleted": True}
        entry = AuditEntry(now, actor, AuditAction.DELETE_USER, audit.note, uid, is_so, will_be)
        return DeletionProgress(uid, False, audit_id=write_audit_entry(transaction, entry))  # noqa: FBT003

    begun = run_transaction(context.db, attempt, lock_key=uid)
    if audit and audit.dry_run:
        return DeletionProgress(uid, begun.finished, count_user_documents(context.db, uid))
    if begun.finished:
        return begun
    stop_at = time.monotonic() + time_allowed.total_seconds()
    documents: dict[str, int] = {}
    finished = _continue(context, uid, stop_at, documents)
    return DeletionProgress(uid, finished, documents, begun.audit_id)


def finish_deletions(
    context: Context, time_allowed: timedelta, *, dry_run: bool = False
) -> DeletionReport:
    """Continue what calls have begun and not finished; a part of the job `cleanup`."""
    stop_at = time.monotonic() + time_allowed.total_seconds()
    report, last = DeletionReport(finished=True), None
    while page := pending_deletions(context.db, last):
        for each in page:
            if dry_run:
                report.users += 1
                continue
            if time.monotonic() >= stop_at:
                report.finished = False
                return report
            _finish(context, each.id, stop_at, report)
        last = page[-1]
    return report


def _finish(context: Context, uid: str, stop_at: float, report: DeletionReport) -> None:
    documents: dict[str, int] = {}
    try:
        finished = _continue(context, uid, stop_at, documents)
    except (GenquotaError, StoreError):
        _log.exception("the deletion of user %s was passed over", uid)
        report.failed += 1
    else:
        report.users += finished
    report.documents += sum(documents.values())


def _continue(context: Context, uid: str, stop_at: float, documents: dict[str, int]) -> bool:
    """Delete while there is time, counting. Return whether nothing is left."""
    for collection, number in delete_user_documents(
        context.db, uid, context.policy.default_timezone
    ):
        documents[collection] = documents.get(collection, 0) + number
        if time.monotonic() >= stop_at:
            return False
    clear_pending_deletion(context.db, uid)
    return True


def _authorize(caller: Caller | None, seen: UserDocument, asker: UserDocument | None) -> None:
    is_own = asker is not None and asker.account.uid == seen.account.uid
    if is_own and seen.account.is_disabled:
        raise AccountDisabled
    if asker is not None and not is_own:
        require_active(asker.account)
    permission = Permission.DELETE_OWN_DATA if is_own else Permission.DELETE_USER
    role = asker.account.role if asker else Role.ADMIN
    authorize(caller, role, permission, seen.account.uid)
    if not is_own and not seen.exists:
        raise UserNotFound
    if seen.account.role is Role.ADMIN:
        raise NotAllowed
