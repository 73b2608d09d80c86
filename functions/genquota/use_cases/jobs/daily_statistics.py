"""`daily_statistics`: count each closed generation once, into the day of its creation.

Records are read in the order in which they closed. Every page is one commit: the cursor behind it, and
the days that it changes. What changes in a generation later, a late success or a refund, is noted by
whoever changes it and counted here, too. Two days after its end a day is compared with its records.
"""

import logging
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

from genquota.domain.statistics.aggregation import aggregate_by_day, day_of
from genquota.domain.statistics.daily import ClosedGeneration
from genquota.store.statistics.changes import PendingChange, count_changes, pending_changes
from genquota.store.statistics.closed_generations import (
    ClosedRecord,
    ClosingPosition,
    closed_page,
    count_closed_after,
)
from genquota.store.statistics.job import read_job
from genquota.use_cases.core.context import Context
from genquota.use_cases.jobs.statistics_check import check_days
from genquota.use_cases.jobs.statistics_run import (
    StatisticsReport,
    StatisticsRun,
    WriteConflict,
    begin_run,
    end_run,
    in_few_days,
)

PAGE = 2000
"""Records."""
LAG = timedelta(seconds=30)
"""What closed within this time waits for the next run, for a commit with an earlier time may still be under
way. It is longer than a transaction is tried, with the timeouts of its calls."""
_COMPARED = timedelta(days=400)
"""A generation that claims to be older, when it closes, has its day not compared, nor all since then."""
_MOST_TRIES = 20
"""In a row, of a page that others keep overtaking."""

_log = logging.getLogger(__name__)


def daily_statistics(
    context: Context, time_allowed: timedelta, *, dry_run: bool = False
) -> StatisticsReport:
    """Count what has closed since the last run, and compare the days that are over with their records.

    Raises:
        GenquotaError: The store did not answer.
    """
    if dry_run:
        due = count_closed_after(context.db, read_job(context.db).cursor)
        return StatisticsReport(generations=due, changes=count_changes(context.db), finished=True)
    return _run(context, time_allowed, and_check=True)


def count_closed(context: Context, time_allowed: timedelta) -> StatisticsReport:
    """Only count what has closed since the last run, for whoever wants to show it now.

    Raises:
        GenquotaError: The store did not answer.
    """
    return _run(context, time_allowed, and_check=False)


def _run(context: Context, time_allowed: timedelta, *, and_check: bool) -> StatisticsReport:
    stop_at = time.monotonic() + time_allowed.total_seconds()
    report = StatisticsReport()
    run = begin_run(context, report)
    if run is None:
        return report
    try:
        horizon = run.now() - LAG
        if _count_records(run, horizon, stop_at):
            run.job = replace(run.job, updated_at=horizon)
            is_noop = _count_changes(run, stop_at)
            report.finished = is_noop and (not and_check or check_days(run, horizon, stop_at))
        end_run(run)
    except WriteConflict:
        _log.info("daily_statistics: overtaken")
    return report


def _count_records(run: StatisticsRun, horizon: datetime, stop_at: float) -> bool:
    """Count the records that closed before ``horizon``. Return whether that is done.

    The next page is read while one is counted and committed.
    """
    with ThreadPoolExecutor(1) as ahead:

        def read() -> Future[list[ClosedRecord]]:
            return ahead.submit(closed_page, run.context.db, run.job.cursor, horizon, PAGE)

        reading, tries = read(), 0
        while time.monotonic() < stop_at:
            page = reading.result()
            if len(page) == PAGE:
                last = page[-1].position
                reading = ahead.submit(closed_page, run.context.db, last, horizon, PAGE)
            if not _count_page(run, page):
                tries += 1
                if tries == _MOST_TRIES:
                    raise WriteConflict
                run.catch_up()
                reading = read()
                continue
            tries = 0
            if len(page) < PAGE:
                return True
            _log.info("daily_statistics: %d generations", run.report.generations)
    return False


def _count_page(run: StatisticsRun, page: list[ClosedRecord]) -> bool:
    """Count a page in as few commits as its days allow. Return whether all were taken."""
    for part in in_few_days(page, lambda record: _day(run, record.generation)):
        more = aggregate_by_day(
            ((each.generation, 1) for each in part if each.generation), run.zone
        )
        last = part[-1].position
        job = replace(
            run.job,
            cursor=last,
            updated_at=last.at if last else None,
            final_until=_final_until(run, more, last),
        )
        if not run.add(more, job):
            return False
        broken = [record.id for record in part if record.generation is None]
        for id_ in broken:
            _log.warning("generation %s is not understood, and was passed over", id_)
        run.report.failed += len(broken)
        run.report.generations += len(part) - len(broken)
    return True


def _final_until(
    run: StatisticsRun, days: Iterable[date], last: ClosingPosition | None
) -> date | None:
    """Return the first day to compare once these days are counted: the days are, if they are not final."""
    known = run.job.final_until
    oldest = last.at.date() - _COMPARED if last else date.min
    found = {day for day in days if day >= oldest}
    if known:
        found = {day for day in found if day < known and not run.day(day).is_final} | {known}
    return min(found, default=None)


def _day(run: StatisticsRun, generation: ClosedGeneration | None) -> date | None:
    return day_of(generation.created_at, run.zone) if generation else None


def _count_changes(run: StatisticsRun, stop_at: float) -> bool:
    """Count the changes of records that are counted. Return whether that is done."""
    for page, broken in pending_changes(run.context.db):
        run.report.failed += broken
        ready = [
            each for each in page if each.position is None or run.job.has_passed(each.position)
        ]
        for part in in_few_days(ready, lambda change: _day(run, change.was)):
            if time.monotonic() >= stop_at:
                return False
            signed = [pair for each in part if _is_counted(run, each) for pair in each.signed]
            if not run.add(aggregate_by_day(signed, run.zone), run.job, part):
                run.catch_up()
                return False  # the next run has them all again
            run.report.changes += len(part)
    return True


def _is_counted(run: StatisticsRun, change: PendingChange) -> bool:
    """Return whether the generation of a change that is due was counted.

    Those that closed before records said when are counted only where a day was counted anew.
    """
    if change.position is not None:
        return True
    return run.day(day_of(change.was.created_at, run.zone)).rebuilt_at is not None
