"""Statistics of the past: count days anew from their records, as far back as there are records."""

import logging
import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from genquota.domain.statistics.aggregation import day_of
from genquota.domain.windows import Span
from genquota.store.jobs.checkpoints import read_checkpoint, write_checkpoint
from genquota.store.statistics.closed_generations import count_ended
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Context
from genquota.use_cases.jobs.statistics_rebuild import rebuild_day, span_of
from genquota.use_cases.jobs.statistics_run import (
    StatisticsReport,
    WriteConflict,
    begin_run,
    end_run,
)

NAME = "rebuild_statistics"
_A_DAY = timedelta(days=1)
_log = logging.getLogger("genquota.statistics_history")  # shown as progress: see progress.py


def yesterday(context: Context) -> date:
    """Return the last day that is over in the deployment's time zone.

    Raises:
        Unavailable: The store did not answer.
    """
    now = context.clock.at(Transaction(context.db).read(context.clock.paths()))
    return day_of(now, ZoneInfo(context.policy.default_timezone)) - _A_DAY


def rebuild_days(
    context: Context,
    first: date,
    last: date,
    time_allowed: timedelta,
    *,
    dry_run: bool = False,
    may_shrink: bool = False,
) -> StatisticsReport:
    """Count days anew from their records, oldest first; go on where the same order was cut off.

    Each record is read once. The gap of a record from before records said when the user's one before was
    created is looked up; where `cleanup` has deleted that one, the user counts as new. A day that counts more
    than its records come to is left as it is.

    Args:
        context: The deployment.
        first: The first day, in the deployment's time zone.
        last: The last day, at least ``first``. It may be today.
        time_allowed: After that the next call goes on; a day that was begun is begun again.
        may_shrink: Whether to count days anew that count more than their records come to.
        dry_run: Write nothing, and say how many days and records there are to read.

    Raises:
        GenquotaError: The store did not answer.
    """
    if dry_run:
        return _due(context, first, last)
    stop_at = time.monotonic() + time_allowed.total_seconds()
    report = StatisticsReport()
    run = begin_run(context, report)
    if run is None:
        return report
    order = {"first": first.isoformat(), "last": last.isoformat()}
    memory = read_checkpoint(context.db, NAME)
    is_same = {name: memory.get(name) for name in order} == order
    day = date.fromisoformat(memory["next"]) if is_same and memory.get("next") else first
    try:
        while day <= last and time.monotonic() < stop_at:
            rebuilt = rebuild_day(run, day, stop_at, may_shrink=may_shrink)
            if rebuilt is None:
                break
            if not rebuilt.is_kept:
                report.generations += rebuilt.counts.total
                _log.info("statistics of %s: %d generations", day, rebuilt.counts.total)
            day += _A_DAY
            write_checkpoint(context.db, NAME, {**order, "next": day.isoformat()})
        report.finished = day > last
        if report.finished:
            write_checkpoint(context.db, NAME, {"next": None})
        end_run(run)
    except WriteConflict:
        _log.info("statistics: overtaken")
    return report


def _due(context: Context, first: date, last: date) -> StatisticsReport:
    zone = ZoneInfo(context.policy.default_timezone)
    whole = Span(span_of(first, zone).start, span_of(last, zone).end)
    number = sum(count_ended(context.db, whole).values())
    days = (last - first).days + 1
    return StatisticsReport(generations=number, rebuilt=days, finished=True)
