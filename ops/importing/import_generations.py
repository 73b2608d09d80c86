"""`backfill`: documents for users who never called, and counts of generations from before Genquota.

Both may be done again: documents get only what is absent and the email of today, and counts that were
taken in are replaced.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from genquota.domain.errors import GenquotaError
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.quota.lifetime import LifetimeCounts
from genquota.domain.texts import normalize_email, normalize_stored_email
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot
from genquota.store.jobs.checkpoints import read_checkpoint, write_checkpoint
from genquota.store.jobs.reconcile_queries import users_by_id
from genquota.store.rpc import StoreError
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.lifetime_base import before_to_document, read_before
from genquota.store.user.user_document import read_user, user_path
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.job_report import JobReport
from genquota.use_cases.core.user_state import Snapshots, evaluate_user
from ops.importing.old_generations import import_old_generations
from ops.importing.old_records import OldRecords, old_generations

NAME = "backfill"
PAGE = 50

_log = logging.getLogger("genquota.backfill")  # shown as progress: see progress.py


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user as Firebase Auth knows them."""

    caller: Caller
    signed_up_at: datetime | None


@dataclass(slots=True)
class BackfillReport(JobReport):
    """What one run did; in a dry run, what it would do."""

    users: int = 0
    """Looked at."""
    written: int = 0


def backfill_users(
    context: Context, new_users: Iterable[NewUser], report: BackfillReport, *, dry_run: bool
) -> None:
    """Make or complete the documents of a page of users."""
    by_path = {user_path(each.caller.uid): each for each in new_users}
    transaction = Transaction(context.db)
    found = transaction.read([*by_path, *context.clock.paths()])
    now = context.clock.at(found)
    written = 0
    for new_user in by_path.values():
        report.users += 1
        try:
            written += _complete(context, transaction, found, new_user, now)
        except (GenquotaError, *NOT_UNDERSTOOD):
            _log.exception("user %s was passed over", new_user.caller.uid)
            report.failed += 1
    if dry_run:
        transaction.discard()
    if transaction.try_commit():
        report.written += written
        return
    for new_user in by_path.values():
        _complete_one(context, new_user, report)


def backfill_generations(
    context: Context,
    records: OldRecords,
    time_allowed: timedelta,
    *,
    dry_run: bool = False,
) -> BackfillReport:
    """Take in each user's generations from before Genquota, from where the last run stopped."""
    stop_at = time.monotonic() + time_allowed.total_seconds()
    report = BackfillReport()
    after = None if dry_run else read_checkpoint(context.db, NAME).get("after")
    while dry_run or time.monotonic() < stop_at:
        page = users_by_id(context.db, PAGE, after)
        for snapshot in page:
            _import_of_user(context, records, snapshot, report, dry_run=dry_run)
            after = snapshot.id
        report.finished = len(page) < PAGE
        if not dry_run:
            write_checkpoint(context.db, NAME, {"after": None if report.finished else after})
        _log.info("backfill: %d users, %d with older generations", report.users, report.written)
        if report.finished:
            break
    return report


def _complete(
    context: Context, transaction: Transaction, found: Snapshots, new_user: NewUser, now: datetime
) -> bool:
    """Write what is absent of a user's document. Return whether anything was."""
    caller = new_user.caller
    seen = read_user(found[user_path(caller.uid)])
    if seen.account.is_deleted:
        return False
    known = seen.data.get("email")
    email = normalize_email(caller.email) if caller.email else normalize_stored_email(known)
    facts = {
        "displayName": caller.name,
        "photoURL": caller.picture,
        "createdAt": new_user.signed_up_at,
    }
    absent: dict[str, object] = {
        key: value for key, value in facts.items() if value and key not in seen.data
    }
    if email and email != known:  # as calls do that write the document
        absent["email"] = email
    if seen.is_complete:
        if absent:
            transaction.update(user_path(caller.uid), absent, seen.snapshot)
        return bool(absent)
    if seen.account.created_at is None:
        signed_up = replace(seen.account, created_at=new_user.signed_up_at)
        seen = replace(seen, account=signed_up)
    verified = caller.is_verified
    state = evaluate_user(context, transaction, seen, now, found, is_verified=verified)
    state.save(transaction, state.account, state.decide(QuotaRequest()), profile=absent)
    return True


def _complete_one(context: Context, new_user: NewUser, report: BackfillReport) -> None:
    """Complete one user who has called meanwhile, or shared a commit with one who did."""
    uid = new_user.caller.uid

    def attempt(transaction: Transaction) -> bool:
        found = transaction.read([user_path(uid), *context.clock.paths()])
        return _complete(context, transaction, found, new_user, context.clock.at(found))

    try:
        report.written += run_transaction(context.db, attempt, lock_key=uid)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("user %s was passed over", uid)
        report.failed += 1


def _import_of_user(
    context: Context,
    records: OldRecords,
    snapshot: Snapshot,
    report: BackfillReport,
    *,
    dry_run: bool,
) -> None:
    uid = snapshot.id

    def attempt(transaction: Transaction) -> bool:
        found = transaction.read([user_path(uid), *context.clock.paths()])
        seen, now = read_user(found[user_path(uid)]), context.clock.at(found)
        if not seen.is_complete or seen.account.is_deleted:
            return False
        known = (seen.data.get("quota") or {}).get("before") or {}
        before = read_before(seen.data)
        state = evaluate_user(context, transaction, seen, now, found)
        old = old_generations(context.db, records, uid)
        taken = import_old_generations(
            state.account, before, old, with_windows="countedAt" not in known
        )
        if taken.before == LifetimeCounts() or (taken.before == before and "countedAt" in known):
            return False  # none were found, perhaps in the wrong place; or all are known
        facts: dict[str, Any] = {
            "quota.before": {**before_to_document(taken.before), "countedAt": now}
        }
        state.save(
            transaction, taken.account, state.decide(QuotaRequest(), taken.account), (), facts
        )
        if dry_run:
            transaction.discard()
        return True

    report.users += 1
    try:
        report.written += run_transaction(context.db, attempt, lock_key=uid)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("user %s was passed over", uid)
        report.failed += 1
