"""`expire_generations` and `reset_periods`: expire holds and roll windows of users who are due.

Both do the same to each user: roll the windows that have ended and close the holds that have passed
their end. They differ in whom they look for. Calls do all this by themselves, so running late, twice,
together or not at all changes no answer. What is done leaves the index, so a run that was cut off is
simply gone on with.
"""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.errors import GenquotaError
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.quota.generation import ExpiredHolds, expire_holds
from genquota.domain.records import dataclass
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot, document_data
from genquota.store.feed_document import read_entries
from genquota.store.generation_document import existing_generations, expire_generation_document
from genquota.store.jobs.due_users import Due, count_due_users, due_users
from genquota.store.rpc import StoreError
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.user_document import read_user
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.job_report import JobReport
from genquota.use_cases.core.live_feed import fail_in_feed, feed_entries_of, may_have_feed_entries
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import Snapshots, UserState, evaluate_user

PAGE = 200
MOST_WRITES = 400
"""Of one commit, roughly: a user with many expired holds may exceed it."""
_LONGEST_PAGE = timedelta(minutes=10)
"""Holds that end within it may do so while the page that they are on is swept."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class SweepReport(JobReport):
    """What one run did to users."""

    users: int = 0


def expire_generations(
    context: Context, time_allowed: timedelta, *, dry_run: bool = False
) -> SweepReport:
    """Close the records of holds that have passed their end."""
    return _count(context, Due.EXPIRE) if dry_run else _sweep(context, Due.EXPIRE, time_allowed)


def reset_periods(
    context: Context, time_allowed: timedelta, *, dry_run: bool = False
) -> SweepReport:
    """Roll the ended windows of users who have not called since."""
    return _count(context, Due.ROLL) if dry_run else _sweep(context, Due.ROLL, time_allowed)


def _count(context: Context, due: Due) -> SweepReport:
    number = count_due_users(context.db, due, _now(context))
    return SweepReport(users=number, finished=True)


def _now(context: Context) -> datetime:
    """Return the deployment's time, which costs a read only where time travels."""
    return context.clock.at(Transaction(context.db).read(context.clock.paths()))


def _sweep(context: Context, due: Due, time_allowed: timedelta) -> SweepReport:
    stop_at = time.monotonic() + time_allowed.total_seconds()
    report = SweepReport()
    last: Snapshot | None = None
    while time.monotonic() < stop_at:
        now = _now(context)
        page = due_users(context.db, due, now, PAGE, last)
        _sweep_page(context, page, now, stop_at, report)
        _log.info("%s: %d users, %d passed over", due.name.lower(), report.users, report.failed)
        if len(page) < PAGE:
            report.finished = time.monotonic() < stop_at
            break
        last = page[-1]
    return report


def _sweep_page(
    context: Context, page: list[Snapshot], now: datetime, stop_at: float, report: SweepReport
) -> None:
    """Expire holds and roll windows for a page of users due at ``now``, many in one commit.

    Each commit has a time of its own: statistics rely on `closedAt` being hardly older than its commit.
    """
    found: Snapshots = {}
    transaction = Transaction(context.db)
    entries = _entries_of(transaction, page, now)
    batch: list[str] = []
    for snapshot in page:
        if not batch:
            now = _now(context)
        try:
            seen = read_user(snapshot)
            state = evaluate_user(context, transaction, seen, now, found)
            _save(transaction, state, expire_holds(state.account, now), entries)
        except (GenquotaError, *NOT_UNDERSTOOD):
            _log.exception("user %s was passed over", snapshot.id)
            report.failed += 1
            continue
        batch.append(snapshot.id)
        if len(transaction.writes) >= MOST_WRITES:
            _commit(context, transaction, batch, stop_at, report)
            transaction, batch = Transaction(context.db), []
    _commit(context, transaction, batch, stop_at, report)


def _commit(
    context: Context, transaction: Transaction, uids: list[str], stop_at: float, report: SweepReport
) -> None:
    """Commit users together; if any of them changed meanwhile, each alone while there is time."""
    if transaction.try_commit():
        report.users += len(uids)
        return
    for uid in uids:
        if time.monotonic() >= stop_at:
            return
        if _sweep_user(context, uid):
            report.users += 1
        else:
            report.failed += 1


def _sweep_user(context: Context, uid: str) -> bool:
    """Expire holds and roll windows of one user. Return whether that succeeded."""

    def attempt(transaction: Transaction) -> None:
        state = load_request(context, transaction, None, uid).user
        expired = expire_holds(state.account, state.now)
        is_gone = not state.seen.exists or state.seen.is_tombstone
        if is_gone or expired.account == state.seen.account:
            return  # somebody else has done it
        # A record that was removed by hand must not keep its hold, and so its user, stuck.
        recorded = existing_generations(transaction, expired.generation_ids)
        entries = feed_entries_of(transaction, state, recorded)
        _save(transaction, state, replace(expired, generation_ids=tuple(recorded)), entries)

    try:
        run_transaction(context.db, attempt, lock_key=uid)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("user %s was passed over", uid)
        return False
    return True


def _entries_of(
    transaction: Transaction, page: list[Snapshot], now: datetime
) -> dict[str, Snapshot]:
    """Return the feed's entries of what will expire, read in one call for the whole page."""
    ids: list[str] = []
    until = now + _LONGEST_PAGE
    for snapshot in page:
        if may_have_feed_entries(document_data(snapshot), now):
            with suppress(*NOT_UNDERSTOOD):  # those who are not understood are passed over later
                account = read_user(snapshot).account
                ids += [key for key, hold in account.holds.items() if not hold.is_active(until)]
    return read_entries(transaction, ids)


def _save(
    transaction: Transaction,
    state: UserState,
    expired: ExpiredHolds,
    entries: Mapping[str, Snapshot],
) -> None:
    quota = state.decide(QuotaRequest(), expired.account)
    state.save(transaction, expired.account, quota, expired.increments)
    # Last, for the transaction is shared: whoever was not understood must have written nothing to it.
    for generation_id in expired.generation_ids:
        expire_generation_document(transaction, generation_id, state.now)
    fail_in_feed(transaction, state, entries, expired.generation_ids)
