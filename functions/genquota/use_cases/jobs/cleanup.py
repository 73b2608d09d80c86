"""`cleanup`: finish pending deletions of users, and delete records past retention.

What a record counted for in its user's lifetime moves into the base in the commit that deletes it. Each
delete asks for the record as it was read, so two runs at once count nothing twice, and a late success
that comes between is read again. Open generations stay, however old: they hold credits.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.errors import GenquotaError
from genquota.domain.quota.lifetime import LifetimeCounts, lifetime_counts_of
from genquota.domain.records import dataclass
from genquota.domain.texts import is_document_name
from genquota.store.documents import (
    NOT_UNDERSTOOD,
    Fields,
    Snapshot,
    document_data,
    to_utc_datetime,
)
from genquota.store.generation_document import GenerationDocument, generation_path, read_generation
from genquota.store.jobs.checkpoints import read_checkpoint, write_checkpoint
from genquota.store.jobs.retention_scan import (
    ScanRange,
    count_records,
    next_records,
    scan_range_from_document,
    scan_range_to_document,
)
from genquota.store.rpc import StoreError
from genquota.store.transaction import Database, Transaction, run_transaction
from genquota.store.user.lifetime_base import add_to_base
from genquota.store.user.user_document import user_path
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.job_report import JobReport
from genquota.use_cases.self_service.delete_user import finish_deletions

NAME = "cleanup"
PAGE = 200
"""Records; with a write for each user, a commit has at most twice as many."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class CleanupReport(JobReport):
    """What one run deleted; in a dry run, what is due."""

    generations: int = 0
    deletions: int = 0
    """Users whose deletion a call has begun and this run has finished."""


@dataclass(frozen=True, slots=True)
class _PastRecord:
    """A record past retention."""

    record: GenerationDocument
    counts: LifetimeCounts

    @property
    def uid(self) -> str:
        return self.record.generation.uid


def cleanup(context: Context, time_allowed: timedelta, *, dry_run: bool = False) -> CleanupReport:
    """Delete what is past retention, from where the last run stopped."""
    stop_at = time.monotonic() + time_allowed.total_seconds()
    now = context.clock.at(Transaction(context.db).read(context.clock.paths()))
    ended_before = now - context.policy.retention
    memory = read_checkpoint(context.db, NAME)
    begun = scan_range_from_document(memory["stretch"]) if memory.get("stretch") else None
    if begun and begun.before > ended_before:
        begun = None  # retention was raised, and keeps what is left of it
    done_before = _instant(memory, "doneBefore")
    deletions = finish_deletions(context, time_allowed, dry_run=dry_run)
    report = CleanupReport(deletions.failed, deletions=deletions.users)
    if dry_run:
        due = ScanRange(ended_before, since=begun.since if begun else done_before)
        report.generations = count_records(context.db, due)
        report.finished = True
        return report
    if begun:
        done_before = _scan(context, begun, memory, stop_at, report)
        if done_before is None:
            return report
    if done_before is None or done_before < ended_before:
        scan_range, rest = ScanRange(ended_before, since=done_before), {**memory, "stretch": None}
        if _scan(context, scan_range, rest, stop_at, report) is None:
            return report
    report.finished = deletions.finished
    return report


def complete_since_cleanup(db: Database) -> datetime | None:
    """Return the instant from which on no record was deleted; None: none ever was."""
    return _instant(read_checkpoint(db, NAME), "deletedBefore")


def _instant(memory: Fields, name: str) -> datetime | None:
    at = memory.get(name)
    return to_utc_datetime(at) if isinstance(at, datetime) else None


def _scan(
    context: Context, scan_range: ScanRange, memory: Fields, stop_at: float, report: CleanupReport
) -> datetime | None:
    """Delete the records of a range, page by page.

    Returns:
        The instant before which none is to be looked at again; None: the time was up.
    """
    db, is_noted = context.db, bool(memory.get("stretch"))
    while time.monotonic() < stop_at:
        page = next_records(db, scan_range, PAGE)
        if page:
            if not is_noted:
                # Before the first delete: who adds records up must know from when on none is missing.
                before = max(
                    scan_range.before, _instant(memory, "deletedBefore") or scan_range.before
                )
                write_checkpoint(db, NAME, {"deletedBefore": before})
            is_noted = True
            scan_range = scan_range.advance(page, _clean_page(context, page, stop_at, report))
            _log.info("cleanup: %d deleted, %d passed over", report.generations, report.failed)
        is_half_done = len(page) < PAGE
        if is_half_done and scan_range.is_hidden:
            done_before = scan_range.oldest_skipped or scan_range.before
            if is_noted:
                write_checkpoint(db, NAME, {"doneBefore": done_before, "stretch": None})
            return done_before
        if is_half_done:
            scan_range = replace(scan_range, is_hidden=True, after=None)
        if is_noted:
            write_checkpoint(db, NAME, {"stretch": scan_range_to_document(scan_range)})
    return None


def _clean_page(
    context: Context, page: list[Snapshot], stop_at: float, report: CleanupReport
) -> list[Snapshot]:
    """Delete a page of records in one commit. Return those that are to be looked at again."""
    by_user, left = _sort_out(page, report)
    transaction = Transaction(context.db)
    users = transaction.read(user_path(uid) for uid in by_user)
    for uid, records in by_user.items():
        _retire(transaction, users[user_path(uid)], records)
    if transaction.try_commit():
        report.generations += sum(map(len, by_user.values()))
        return left
    for uid, records in by_user.items():
        if time.monotonic() >= stop_at or not _retire_alone(context, uid, records, report):
            left += [each.record.snapshot for each in records]
    return left


def _sort_out(
    page: list[Snapshot], report: CleanupReport
) -> tuple[dict[str, list[_PastRecord]], list[Snapshot]]:
    """Return the records to delete by user, and those that must wait."""
    by_user: dict[str, list[_PastRecord]] = {}
    left = []
    for snapshot in page:
        try:
            advance = _read(snapshot)
        except NOT_UNDERSTOOD:
            _log.exception("generation %s was passed over", snapshot.id)
            report.failed += 1
            left.append(snapshot)
            continue
        if advance is None:
            continue
        if advance.record.generation.status.is_open:
            left.append(snapshot)
        else:
            by_user.setdefault(advance.uid, []).append(advance)
    return by_user, left


def _read(snapshot: Snapshot) -> _PastRecord | None:
    """Parse a record. None: it is gone, or the app's own from before Genquota."""
    record = read_generation(snapshot)
    if record is None:
        return None
    if not is_document_name(record.generation.uid):
        raise ValueError("no uid")
    return _PastRecord(record, lifetime_counts_of(record.generation.status, record.output_count))


def _retire_alone(
    context: Context, uid: str, records: Iterable[_PastRecord], report: CleanupReport
) -> bool:
    """Delete the records of one user who has changed meanwhile. Return whether that could be done."""
    paths = [generation_path(each.record.generation.id) for each in records]

    def attempt(transaction: Transaction) -> int:
        found = transaction.read([user_path(uid), *paths])
        again = [advance for path in paths if (advance := _read(found[path]))]
        _retire(transaction, found[user_path(uid)], again)
        return len(again)

    try:
        report.generations += run_transaction(context.db, attempt, lock_key=uid)
    except (GenquotaError, StoreError, *NOT_UNDERSTOOD):
        _log.exception("the past of user %s was passed over", uid)
        report.failed += 1
        return False
    return True


def _retire(transaction: Transaction, user: Snapshot, records: Iterable[_PastRecord]) -> None:
    """Delete records, and count them in their user's base. Who is gone is not brought back."""
    total = LifetimeCounts()
    for each in records:
        total = total.plus(each.counts)
        transaction.delete(generation_path(each.record.generation.id), each.record.snapshot)
    if user.exists and not document_data(user).get("isDeleted"):
        add_to_base(transaction, user, total)
