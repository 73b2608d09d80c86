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
from genquota.domain.quota.decision import Ask
from genquota.domain.quota.lifetime import Lifetime
from genquota.domain.users.emails import normalize_email, normalize_stored_email
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot
from genquota.store.jobs.checkpoints import remember, remembered
from genquota.store.jobs.reconcile_queries import users_by_id
from genquota.store.rpc import StoreError
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.lifetime_base import before_to_document, read_before
from genquota.store.user.user_document import read_user, user_path
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.job_report import JobReport
from genquota.use_cases.core.user_state import Found, bring_to_present
from ops.importing.old_generations import take_in
from ops.importing.old_records import OldRecords, old_generations

NAME = "backfill"
PAGE = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Newcomer:
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
    context: Context, newcomers: Iterable[Newcomer], report: BackfillReport, *, dry_run: bool
) -> None:
    """Make or complete the documents of a page of users."""
    by_path = {user_path(each.caller.uid): each for each in newcomers}
    transaction = Transaction(context.db)
    found = transaction.read([*by_path, *context.clock.paths()])
    now = context.clock.at(found)
    written = 0
    for newcomer in by_path.values():
        report.users += 1
        try:
            written += _complete(context, transaction, found, newcomer, now)
        except (GenquotaError, *NOT_UNDERSTOOD):
            _log.exception("user %s was passed over", newcomer.caller.uid)
            report.failed += 1
    if dry_run:
        transaction.discard()
    if transaction.try_commit():
        report.written += written
        return
    for newcomer in by_path.values():
        _complete_alone(context, newcomer, report)


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
    after = None if dry_run else remembered(context.db, NAME).get("after")
    while dry_run or time.monotonic() < stop_at:
        page = users_by_id(context.db, PAGE, after)
        for snapshot in page:
            _take_in(context, records, snapshot, report, dry_run=dry_run)
            after = snapshot.id
        report.finished = len(page) < PAGE
        if not dry_run:
            remember(context.db, NAME, {"after": None if report.finished else after})
        _log.info("backfill: %d users, %d with older generations", report.users, report.written)
        if report.finished:
            break
    return report


def _complete(
    context: Context, transaction: Transaction, found: Found, newcomer: Newcomer, now: datetime
) -> bool:
    """Write what is absent of a user's document. Tell whether anything was."""
    caller = newcomer.caller
    seen = read_user(found[user_path(caller.uid)])
    if seen.account.is_deleted:
        return False
    known = seen.data.get("email")
    email = normalize_email(caller.email) if caller.email else normalize_stored_email(known)
    facts = {
        "displayName": caller.name,
        "photoURL": caller.picture,
        "createdAt": newcomer.signed_up_at,
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
        signed_up = replace(seen.account, created_at=newcomer.signed_up_at)
        seen = replace(seen, account=signed_up)
    verified = caller.is_verified
    present = bring_to_present(context, transaction, seen, now, found, is_verified=verified)
    present.save(transaction, present.account, present.decide(Ask()), profile=absent)
    return True


def _complete_alone(context: Context, newcomer: Newcomer, report: BackfillReport) -> None:
    """Complete one user who has called meanwhile, or shared a commit with one who did."""
    uid = newcomer.caller.uid

    def attempt(transaction: Transaction) -> bool:
        found = transaction.read([user_path(uid), *context.clock.paths()])
        return _complete(context, transaction, found, newcomer, context.clock.at(found))

    try:
        report.written += run_transaction(context.db, attempt, lane=uid)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("user %s was passed over", uid)
        report.failed += 1


def _take_in(
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
        present = bring_to_present(context, transaction, seen, now, found)
        old = old_generations(context.db, records, uid)
        taken = take_in(present.account, before, old, with_windows="countedAt" not in known)
        if taken.before == Lifetime() or (taken.before == before and "countedAt" in known):
            return False  # none were found, perhaps in the wrong place; or all are known
        facts: dict[str, Any] = {
            "quota.before": {**before_to_document(taken.before), "countedAt": now}
        }
        present.save(transaction, taken.account, present.decide(Ask(), taken.account), (), facts)
        if dry_run:
            transaction.discard()
        return True

    report.users += 1
    try:
        report.written += run_transaction(context.db, attempt, lane=uid)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("user %s was passed over", uid)
        report.failed += 1
