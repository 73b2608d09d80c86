"""`reconcile`: recompute each user's counters from their records, and compare.

It is the one job that reads what has not changed. A user is first looked at without care; only when
something seems wrong they are looked at again so that nobody can have written between. What a repair
writes asks for the user as they were read, so a generation that is settled meanwhile is neither lost
nor counted twice: whatever changes a counter changes the user document too.
"""

import logging
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, replace
from datetime import datetime, timedelta

from genquota.domain.errors import GenquotaError
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.quota.reconciliation import Drift, ReconcileResult, recompute_totals
from genquota.domain.quota.reconciliation import reconcile as compare
from genquota.domain.records import dataclass
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot, to_utc_datetime
from genquota.store.jobs.checkpoints import read_checkpoint, write_checkpoint
from genquota.store.jobs.reconcile_queries import (
    correct_stored_window,
    count_users_and_records,
    records_of,
    stored_windows,
    users_by_id,
)
from genquota.store.rpc import StoreError
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.lifetime_base import read_base
from genquota.store.user.user_document import UserDocument, read_user, user_path
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.job_report import JobReport
from genquota.use_cases.core.user_state import evaluate_user
from genquota.use_cases.jobs.cleanup import complete_since_cleanup

NAME = "reconcile"
PAGE = 50
"""Users."""
_AT_ONCE = 4
"""Users checked at the same time: most of a check is waiting for the store. Each holds a page of records."""
_A_WEEK = timedelta(days=6)
"""Between the beginnings of two scheduled passes; less than seven days, for clocks change."""
_MARGIN = timedelta(days=1)
"""`cleanup` may run at the same time, and be a little ahead."""
_MOST_LINES = 20
"""Logged for one user."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ReconcileReport(JobReport):
    """What one run found; in a dry run, how much there is to read."""

    users: int = 0
    generations: int = 0
    """Records read."""
    drifted: int = 0
    """Users with a number that is not what their records say."""
    repaired: int = 0

    def add(self, other: "ReconcileReport") -> None:
        """Add the counts of another report."""
        self.users += other.users
        self.generations += other.generations
        self.drifted += other.drifted
        self.repaired += other.repaired
        self.failed += other.failed


def reconcile(
    context: Context, time_allowed: timedelta, *, dry_run: bool = False
) -> ReconcileReport:
    """Continue the pass through all users, or begin one. A dry run says what a pass would read."""
    if dry_run:
        users, records = count_users_and_records(context.db)
        return ReconcileReport(users=users, generations=records, finished=True)
    stop_at = time.monotonic() + time_allowed.total_seconds()
    after = read_checkpoint(context.db, NAME).get("after")
    report = ReconcileReport()
    while time.monotonic() < stop_at:
        now = _now(context)
        if after is None:
            write_checkpoint(context.db, NAME, {"begunAt": now})
        page = users_by_id(context.db, PAGE, after)
        since = complete_since(context, now)
        checked = _check_page(context, page, since, stop_at, report)
        after = page[checked - 1].id if checked else after
        _log.info(
            "reconcile: %d users, %d drifted, %d repaired, %d passed over",
            *(report.users, report.drifted, report.repaired, report.failed),
        )
        report.finished = checked == len(page) < PAGE
        write_checkpoint(context.db, NAME, {"after": None if report.finished else after})
        if report.finished:
            break
    return report


def reconcile_weekly(
    context: Context, time_allowed: timedelta, *, dry_run: bool = False
) -> ReconcileReport:
    """Continue a pass, but begin one only if the last was begun a week ago."""
    memory = read_checkpoint(context.db, NAME)
    begun_at = memory.get("begunAt")
    if (
        memory.get("after") is None
        and begun_at
        and _now(context) - to_utc_datetime(begun_at) < _A_WEEK
    ):
        return ReconcileReport(finished=True)
    return reconcile(context, time_allowed, dry_run=dry_run)


def _now(context: Context) -> datetime:
    return context.clock.at(Transaction(context.db).read(context.clock.paths()))


def complete_since(context: Context, now: datetime) -> datetime:
    """Return the instant from which on every record is there. It costs one read."""
    kept_since = now - context.policy.retention
    return max(kept_since, complete_since_cleanup(context.db) or kept_since) + _MARGIN


def _check_page(
    context: Context, page: list[Snapshot], since: datetime, stop_at: float, report: ReconcileReport
) -> int:
    """Check users in order, several at the same time, until time is up. Return how many were checked.

    Every check that was started is finished, so the next run neither skips nor repeats a user.
    """
    begun = 0
    checks: deque[Future[ReconcileReport]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for snapshot in page:
            if len(checks) == _AT_ONCE:
                report.add(checks.popleft().result())
            if time.monotonic() >= stop_at:
                break
            checks.append(pool.submit(_check_user, context, snapshot, since))
            begun += 1
        for check in checks:
            report.add(check.result())
    return begun


def _check_user(context: Context, snapshot: Snapshot, since: datetime) -> ReconcileReport:
    """Compare one user; if something seems wrong, again with care."""
    report = ReconcileReport(users=1)
    try:
        found = _compare(context, read_user(snapshot), since, report)
        if found and found.drifts:
            found = _check_in_transaction(context, snapshot.id, since)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("user %s was passed over", snapshot.id)
        report.failed = 1
        return report
    if found and found.drifts:
        report.drifted = 1
        report.repaired = int(context.policy.repairs_drift)
        for drift in found.drifts[:_MOST_LINES]:
            _log_drift(snapshot.id, drift, is_repaired=context.policy.repairs_drift)
    return report


def _log_drift(uid: str, drift: Drift, *, is_repaired: bool) -> None:
    facts = {
        "drift": drift.what,
        "uid": uid,
        "stored": drift.stored,
        "recomputed": drift.recomputed,
        "isRepaired": is_repaired,
    }
    words = "user %s: %s was %d, by the records %d"
    _log.warning(words, uid, *astuple(drift), extra={"facts": facts})


def _compare(
    context: Context, seen: UserDocument, since: datetime, report: ReconcileReport | None = None
) -> ReconcileResult | None:
    """Compare a user with their records; None: nothing is counted of them."""
    if not seen.is_complete or seen.account.is_deleted:
        return None
    uid = seen.account.uid
    totals = recompute_totals(records_of(context.db, uid))
    if report:
        report.generations += totals.count
    kept = stored_windows(context.db, uid, since)
    shown = seen.data.get("currentPeriodCount")
    return compare(seen.account, shown, read_base(seen.data), kept, totals, since)


def _check_in_transaction(context: Context, uid: str, since: datetime) -> ReconcileResult | None:
    """Compare a user so that nobody can have written between; repair if that is asked for."""

    def attempt(transaction: Transaction) -> ReconcileResult | None:
        read = transaction.read([user_path(uid), *context.clock.paths()])
        seen = read_user(read[user_path(uid)])
        found = _compare(context, seen, since)
        if found and found.drifts and context.policy.repairs_drift:
            _repair(context, transaction, seen, found, context.clock.at(read))
        elif found and found.drifts:
            transaction.require_unchanged(seen.snapshot)
        return found

    return run_transaction(context.db, attempt, lock_key=uid)


def _repair(
    context: Context,
    transaction: Transaction,
    seen: UserDocument,
    found: ReconcileResult,
    now: datetime,
) -> None:
    for entry in found.closed:
        correct_stored_window(transaction, seen.account.uid, entry)
    right = replace(seen, account=found.account)
    # What was stored is what the save compares with, so that it writes all that is now different.
    state = replace(evaluate_user(context, transaction, right, now, {}), seen=seen)
    state.save(transaction, state.account, state.decide(QuotaRequest()))
