"""Commands that run a job by hand, until it has come to its end."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from genquota.use_cases.jobs.table import JOBS
from ops.command import Command

if TYPE_CHECKING:
    from argparse import Namespace

    from genquota.use_cases.jobs.report import Job, JobReport
    from ops.command import Session

_A_RUN = timedelta(minutes=5)


def run_to_its_end(session: Session, name: str, job: Job) -> JobReport:
    """Run a job again and again until it says that it has finished; tell what it did."""
    totals: dict[str, int] = {}
    while True:
        report = job(session.context, _A_RUN, dry_run=session.dry_run)
        counts = {key: count for key, count in asdict(report).items() if key != "finished"}
        totals = {key: totals.get(key, 0) + count for key, count in counts.items()}
        said = ", ".join(f"{key} {count}" for key, count in sorted(totals.items()))
        session.say(f"{name}: {said}{' due' if session.dry_run else ''}")
        if report.finished:
            return report


def _cleanup(session: Session, _told: Namespace) -> int:
    return int(run_to_its_end(session, "cleanup", JOBS["cleanup"]).failed > 0)


CLEANUP = Command(
    "cleanup", "Delete the records of generations that are past RETENTION_DAYS.", _cleanup
)
