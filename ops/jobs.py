"""Commands that run a job by hand, until it has come to its end."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from genquota.store.jobs.checkpoints import write_checkpoint
from genquota.use_cases.jobs.job_table import JOBS
from genquota.use_cases.jobs.last_runs import JobRun, record_run
from genquota.use_cases.jobs.reconcile import NAME, reconcile
from ops.command import Command

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from genquota.use_cases.core.job_report import Job
    from ops.command import Session

_A_RUN = timedelta(minutes=5)


def run_to_its_end(session: Session, name: str, job: Job) -> dict[str, int]:
    """Run a job again and again until it says that it has finished; tell and return what it did."""
    totals: dict[str, int] = {}
    while True:
        begun = time.monotonic()
        report = job(session.context, _A_RUN, dry_run=session.dry_run)
        if not session.dry_run:
            run = JobRun(name, time.monotonic() - begun, asdict(report), is_by_hand=True)
            record_run(session.context, run)
        counts = {key: count for key, count in asdict(report).items() if key != "finished"}
        totals = {key: totals.get(key, 0) + count for key, count in counts.items()}
        text = ", ".join(f"{key} {count}" for key, count in sorted(totals.items()))
        session.say(f"{name}: {text}{' due' if session.dry_run else ''}")
        if report.finished:
            return totals


def _cleanup(session: Session, _told: Namespace) -> int:
    return int(run_to_its_end(session, "cleanup", JOBS["cleanup"])["failed"] > 0)


def _reconcile(session: Session, args: Namespace) -> int:
    context, policy = session.context, replace(session.context.policy, repairs_drift=args.repair)
    session = replace(session, context=replace(context, policy=policy))
    cost = reconcile(session.context, _A_RUN, dry_run=True)
    session.say(
        f"reconcile: will read {cost.users} users, {cost.generations} records, "
        "and their closed windows"
    )
    if session.dry_run:
        return 0
    if args.anew:
        write_checkpoint(context.db, NAME, {"after": None})
    done = run_to_its_end(session, "reconcile", reconcile)
    if done["drifted"] and not args.repair:
        session.say("Put it right with --repair.")
    return int(done["failed"] > 0 or done["drifted"] > done["repaired"])


def _reconcile_options(parser: ArgumentParser) -> None:
    parser.add_argument("--repair", action="store_true", help="put right what does not add up")
    parser.add_argument(
        "--anew", action="store_true", help="begin with the first user, whatever was done before"
    )


CLEANUP = Command(
    "cleanup", "Delete the records of generations that are past RETENTION_DAYS.", _cleanup
)
RECONCILE = Command(
    "reconcile",
    "Compare counters with the records of generations, and repair them if args.",
    _reconcile,
    _reconcile_options,
    writes=lambda args: bool(args.repair),
)
