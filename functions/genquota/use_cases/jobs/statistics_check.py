"""Compare days that are over with their records, and recount those that differ."""

import logging
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

from genquota.domain.enums import Status
from genquota.domain.statistics.aggregation import aggregate_by_day, day_of
from genquota.store.statistics.changes import changes_of
from genquota.store.statistics.closed_generations import count_ended
from genquota.store.statistics.documents import StoredDay, read_days
from genquota.use_cases.jobs.statistics_rebuild import DAYS_TO_FINAL, FINAL, rebuild_day, span_of
from genquota.use_cases.jobs.statistics_run import StatisticsRun

_A_DAY = timedelta(days=1)
_log = logging.getLogger(__name__)


def check_days(run: StatisticsRun, horizon: datetime, stop_at: float) -> bool:
    """Compare each day that is over and has not been compared. Return whether that is done.

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
    """Make one day final. Return whether that could be done."""
    run.catch_up()
    job = replace(run.job, final_until=day + _A_DAY)
    before, expected = _as_of(run, day, job.seen_at)
    if before.is_final:
        return run.write([], job)
    counted = count_ended(run.context.db, span_of(day, run.zone), job.seen_at)
    is_repaired = has_older = False
    if any(counted[status] > expected.count_of(status) for status in FINAL):
        rebuilt = rebuild_day(run, day, stop_at, job.final_until)
        if rebuilt is None:
            return False
        counted = {status: rebuilt.counts.of(status) for status in FINAL}
        is_repaired, has_older = not rebuilt.is_kept, rebuilt.has_older
    elif not run.write([replace(before, is_final=True)] if before.versions else [], job):
        return False
    differs = [each for each in FINAL if expected.count_of(each) != counted[each]]
    if differs and not has_older:
        run.report.drifted += 1
        for status in differs:
            numbers = expected.count_of(status), counted[status]
            _log_drift(day, status, *numbers, is_repaired=is_repaired)
    return True


def _as_of(run: StatisticsRun, day: date, at: datetime) -> tuple[StoredDay, StoredDay]:
    """Return a day as it was at an instant, and as it will be when the changes that waited are counted."""
    stored = read_days(run.context.db, [day], run.zone.key, at)[day]
    changes = changes_of(run.context.db, span_of(day, run.zone), at)
    due = aggregate_by_day((pair for each in changes for pair in each.signed), run.zone)
    return stored, stored.plus(due[day]) if day in due else stored


def _log_drift(day: date, status: Status, stored: int, right: int, *, is_repaired: bool) -> None:
    what = f"{day.isoformat()} {status.value}"
    facts = {"drift": what, "stored": stored, "recomputed": right, "isRepaired": is_repaired}
    words = "statistics of %s: it was %d, by the records %d"
    _log.warning(words, what, stored, right, extra={"facts": facts})
