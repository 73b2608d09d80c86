"""Days that are over: compare them with their records, and count them anew where that does not agree."""

import logging
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time

from genquota.domain.statistics import ClosedGeneration, DayStatistics
from genquota.domain.statistics_fold import Day, day_of, fold
from genquota.domain.windows import CalendarGrid, Span
from genquota.domain.words import Status, Unit
from genquota.store.closed_generations import (
    ClosedRecord,
    count_ended,
    ended_records,
    previous_created_at,
)
from genquota.store.statistics_changes import changes_of
from genquota.store.statistics_documents import LISTS_ARE_KEPT, StoredDay, read_days
from genquota.store.statistics_job import LEASE, StatisticsJob, commit
from genquota.store.transaction import Transaction
from genquota.use_cases.jobs.statistics_run import StatisticsRun

PAGE = 2000
"""Records."""
DAYS_TO_FINAL = 2
"""A hold ends within 24 hours, so what was created on a day has closed a day after its end."""
_MOST_TRIES = 5
"""To count a day anew while records of it are deleted."""

_A_DAY = timedelta(days=1)
_FINAL = (Status.SUCCESS, Status.FAILED, Status.CANCELLED, Status.EXPIRED)
_log = logging.getLogger(__name__)


def check_days(run: StatisticsRun, horizon: datetime, stop_at: float) -> bool:
    """Compare each day that is over and has not been compared. Tell whether that is done.

    Args:
        run: Has counted all that closed before ``horizon``.
        horizon: Aware.
        stop_at: Of the monotonic clock.

    Raises:
        Overtaken: Another process has the lease.
        Unavailable: The store did not answer.
    """
    today = day_of(horizon, run.zone)
    while run.job.final_until and run.job.final_until + DAYS_TO_FINAL * _A_DAY <= today:
        if time.monotonic() >= stop_at or not _check(run, run.job.final_until, stop_at):
            return False
        run.report.final += 1
    return True


def _check(run: StatisticsRun, day: date, stop_at: float) -> bool:
    """Make one day final. Tell whether that could be done."""
    db, span = run.context.db, _span(day, run)
    job = _reread(run)
    at = job.seen_at
    before = read_days(db, [day], run.zone.key, at)[day]
    changes = [pair for each in changes_of(db, span, at) for pair in each.signed]
    due = fold(changes, run.zone).get(day)
    expected = before.plus(due) if due else before
    counted = count_ended(db, span, at)
    after = replace(job, final_until=day + _A_DAY)
    if all(expected.count_of(status) == counted[status] for status in _FINAL):
        days = [replace(before, is_final=True)] if before.versions else []
        if run.write(days, after):
            return True
        run.catch_up()
        return False
    rebuilt = rebuild_day(run, day, stop_at, final_until=day + _A_DAY)
    if rebuilt is None:
        return False
    for status in _FINAL:
        stored, right = expected.count_of(status), rebuilt.count_of(status)
        if stored != right:
            _tell(day, status, stored, right)
    run.report.drifted += expected.day.statistics.counts != rebuilt.day.statistics.counts
    return True


def rebuild_day(
    run: StatisticsRun, day: date, stop_at: float | None = None, final_until: date | None = None
) -> StoredDay | None:
    """Count a day anew from its records.

    All is read as of one instant: records with all that has changed since they closed, but only those
    that the cursor has passed. Changes of them that wait at that instant are in what was read, so they
    are deleted.

    Args:
        run: Has the lease.
        day: In the deployment's time zone.
        stop_at: Of the monotonic clock. None: however long it takes.
        final_until: What the job shall say then. None: as before.

    Returns:
        The day. None: the time was up, or others kept overtaking; nothing has changed then.

    Raises:
        Overtaken: Another process has the lease.
        Unavailable: The store did not answer.
    """
    for _ in range(_MOST_TRIES):
        job = _reread(run)
        at, span = job.seen_at, _span(day, run)
        found = _count_records(run, day, at, stop_at)
        if found is None:
            return None
        before = read_days(run.context.db, [day], run.zone.key)[day]
        is_final = day + DAYS_TO_FINAL * _A_DAY <= day_of(run.now(), run.zone)
        stored = StoredDay(found, {}, is_final, at, before.versions)
        included = [
            each
            for each in changes_of(run.context.db, span, at)
            if each.position is None or job.has_passed(each.position)
        ]
        after = replace(run.job, final_until=final_until or run.job.final_until)
        if run.write([stored], after, included):
            run.report.rebuilt += 1
            return stored
        run.catch_up()
    return None


def _reread(run: StatisticsRun) -> StatisticsJob:
    """Read the job, and so learn an instant by the store's clock at which it was like that."""
    run.catch_up()
    return run.job


def _count_records(
    run: StatisticsRun, day: date, at: datetime, stop_at: float | None
) -> Day | None:
    """Count the records of a day as they were at an instant. None: the time was up, or we were overtaken."""
    job, db = run.job, run.context.db
    total = Day(DayStatistics(day, run.zone.key))
    first_unsure: dict[str, ClosedGeneration] = {}
    renewed_at = time.monotonic()
    for page in ended_records(db, _span(day, run), at, PAGE):
        sure = _sure(run, job, page, first_unsure)
        total = _plus(total, sure, run)
        if stop_at is not None and time.monotonic() >= stop_at:
            return None
        if time.monotonic() - renewed_at > LEASE.total_seconds() / 3:
            renewed = commit(Transaction(db), run.job)
            if renewed is None:
                return None
            run.job, renewed_at = renewed, time.monotonic()
    firsts = [
        replace(each, previous_at=previous_created_at(db, each)) for each in first_unsure.values()
    ]
    total = _plus(total, firsts, run)
    is_old = day + LISTS_ARE_KEPT < day_of(run.now(), run.zone)
    return replace(total, lists={}) if is_old else total


def _sure(
    run: StatisticsRun,
    job: StatisticsJob,
    page: list[ClosedRecord],
    first_unsure: dict[str, ClosedGeneration],
) -> list[ClosedGeneration]:
    """Return the generations of a page that the cursor has passed and whose gap is known.

    Records from before they said when their user's generation before was created: if it was of the same
    day, the gap is 0. So only the first of each user is looked up, which shows when all are read.
    """
    sure = []
    for record in page:
        if record.position is not None and not job.has_passed(record.position):
            continue
        generation = record.generation
        if generation is None:
            _log.warning("generation %s is not understood, and was passed over", record.id)
            run.report.failed += 1
        elif record.knows_previous:
            sure.append(generation)
        else:
            other = first_unsure.setdefault(generation.uid, generation)
            if other is not generation:
                first, later = sorted((other, generation), key=_created)
                first_unsure[generation.uid] = first
                sure.append(replace(later, previous_at=later.created_at))
    return sure


def _plus(total: Day, generations: list[ClosedGeneration], run: StatisticsRun) -> Day:
    more = fold(((each, 1) for each in generations), run.zone).get(total.statistics.date)
    return total.plus(more) if more else total


def _created(generation: ClosedGeneration) -> tuple[datetime, str]:
    return generation.created_at, generation.id


def _span(day: date, run: StatisticsRun) -> Span:
    noon = datetime.combine(day, clock_time(12), run.zone)
    return CalendarGrid(Unit.DAY, run.zone).window_at(noon)


def _tell(day: date, status: Status, stored: int, right: int) -> None:
    what = f"{day.isoformat()} {status.value}"
    facts = {
        "drift": what,
        "stored": stored,
        "recomputed": right,
        "isRepaired": True,
    }
    words = "statistics of %s: it was %d, by the records %d"
    _log.warning(words, what, stored, right, extra={"facts": facts})
