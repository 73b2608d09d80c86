"""Days that are over: compare them with their records, and count them anew where that does not agree."""

import logging
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

from genquota.domain.statistics_fold import day_of, fold
from genquota.domain.words import Status
from genquota.store.closed_generations import count_ended
from genquota.store.statistics_changes import changes_of
from genquota.store.statistics_documents import StoredDay, read_days
from genquota.use_cases.jobs.statistics_rebuild import DAYS_TO_FINAL, rebuild_day, span_of
from genquota.use_cases.jobs.statistics_run import StatisticsRun

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
    while run.job.final_until and run.job.final_until + DAYS_TO_FINAL <= today:
        if time.monotonic() >= stop_at or not _check(run, run.job.final_until, stop_at):
            return False
        run.report.final += 1
    return True


def _check(run: StatisticsRun, day: date, stop_at: float) -> bool:
    """Make one day final. Tell whether that could be done."""
    run.catch_up()
    job = replace(run.job, final_until=day + _A_DAY)
    before, expected = _as_of(run, day, job.seen_at)
    counted = count_ended(run.context.db, span_of(day, run.zone), job.seen_at)
    if all(expected.count_of(status) == counted[status] for status in _FINAL):
        return run.write([replace(before, is_final=True)] if before.versions else [], job)
    rebuilt = rebuild_day(run, day, stop_at, job.final_until)
    if rebuilt is None:
        return False
    right = rebuilt.stored
    differs = [each for each in _FINAL if expected.count_of(each) != right.count_of(each)]
    if differs and not rebuilt.has_older:
        run.report.drifted += 1
        for status in differs:
            _tell(day, status, expected.count_of(status), right.count_of(status))
    return True


def _as_of(run: StatisticsRun, day: date, at: datetime) -> tuple[StoredDay, StoredDay]:
    """Return a day as it was at an instant, and as it will be when the changes that waited are counted."""
    stored = read_days(run.context.db, [day], run.zone.key, at)[day]
    changes = changes_of(run.context.db, span_of(day, run.zone), at)
    due = fold((pair for each in changes for pair in each.signed), run.zone)
    return stored, stored.plus(due[day]) if day in due else stored


def _tell(day: date, status: Status, stored: int, right: int) -> None:
    what = f"{day.isoformat()} {status.value}"
    facts = {"drift": what, "stored": stored, "recomputed": right, "isRepaired": True}
    words = "statistics of %s: it was %d, by the records %d"
    _log.warning(words, what, stored, right, extra={"facts": facts})
