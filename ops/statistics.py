"""`statistics`: count days anew from the records of their generations."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ops.command import Command, CommandError
from ops.statistics_history import rebuild_days, yesterday

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ops.command import Session

A_RUN = timedelta(minutes=5)
WAIT_SECONDS = 5.0
"""Until the scheduled job, which is counting, is asked again."""


def statistics(session: Session, told: Namespace) -> int:
    """Count the days of a range anew, oldest first.

    Raises:
        CommandError: The range is empty.
    """
    last = told.until or yesterday(session.context)
    if last < told.since:
        raise CommandError(f"statistics: {told.since} comes after {last}")
    return int(count_anew(session, told.since, last) > 0)


def count_anew(session: Session, first: date, last: date, *, may_shrink: bool = False) -> int:
    """Count days anew to the end, telling how far that has come; return how many records were passed over."""
    days = generations = failed = kept = 0
    while True:
        report = rebuild_days(
            session.context, first, last, A_RUN, dry_run=session.dry_run, may_shrink=may_shrink
        )
        if report.busy:
            session.say("statistics: the scheduled job is counting; waiting")
            time.sleep(WAIT_SECONDS)
            continue
        days += report.rebuilt
        generations += report.generations
        failed += report.failed
        kept += report.kept
        due = " due" if session.dry_run else ""
        session.say(
            f"statistics: {days} days, {generations} generations{due}, {failed} passed over"
        )
        if report.finished:
            if kept:
                session.say(
                    f"statistics: {kept} days left as they were: some of their records are gone"
                )
            return failed


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        type=date.fromisoformat,
        required=True,
        metavar="DATE",
        help="the first day, such as 2026-01-01, in DEFAULT_TIMEZONE",
    )
    parser.add_argument(
        "--until", type=date.fromisoformat, metavar="DATE", help="the last day (default: yesterday)"
    )


STATISTICS = Command(
    "statistics",
    "Count the statistics of past days anew from the records of generations.",
    statistics,
    _options,
)
