"""10. `cleanup` and `reconcile`: time, reads and writes for each generation."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import baseline_maintenance
from bench.projects import ROOMY, context_of, fresh_project
from bench.rows import Row, Section, at_most
from bench.settled_users import CLOSED_AT, MADE_AT, make_settled_users
from bench.timing import ms, p50, spread
from genquota.store.documents import Clock
from genquota.use_cases.jobs.cleanup import cleanup
from genquota.use_cases.jobs.reconcile import reconcile
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

EACH = 10
ENOUGH_TIME = timedelta(hours=1)
PAST_RETENTION = MADE_AT + timedelta(days=91)
SINCE = CLOSED_AT - timedelta(days=89)


@dataclass(frozen=True, slots=True)
class Job:
    """A job, both ways. Each is given the database and returns how many records it went through."""

    name: str
    ours: Callable[[Client], int]
    theirs: Callable[[Client], int]
    most: float
    """Share of the other's time that is aimed at."""


@dataclass(slots=True)
class Runs:
    """What runs of one side took."""

    seconds: list[float] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)
    """Of the last."""


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Run each job by turns with its bare twin, each in a project of its own."""
    rows: list[Row] = []
    numbers: dict[str, Any] = {}
    count = sizes.maintained
    for job in JOBS:
        ours, theirs = Runs(), Runs()
        for number in range(sizes.job_rounds):
            turns = [(job.ours, ours), (job.theirs, theirs)]
            for work, runs in turns if number % 2 == 0 else reversed(turns):
                say(f"{job.name}, round {number + 1} of {sizes.job_rounds}")
                _run(work, runs, count)
        ratios = [our / their for our, their in zip(ours.seconds, theirs.seconds, strict=True)]
        our_time, their_time = (ms(p50(runs.seconds) / count) for runs in (ours, theirs))
        target = at_most(p50(ratios), job.most)
        what = f"{job.name}, each generation"
        rows.append(Row(what, our_time, their_time, spread(ratios), *target))
        our_cost, their_cost = (_costs(runs.calls, count) for runs in (ours, theirs))
        compared = f"{ours.calls.rpcs} calls to the store to {theirs.calls.rpcs}"
        rows.append(Row("- reads, writes, deletes", our_cost, their_cost, compared))
        numbers[job.name] = {
            name: {"seconds": runs.seconds, "calls": vars(runs.calls)}
            for name, runs in (("ours", ours), ("theirs", theirs))
        }
    return Section(
        "maintenance",
        "10. Maintenance",
        "the bare SDK: the same pages of records, deleted in batches of the same size; for reconcile "
        "the same queries of users, records and closed windows, one user after another, where the job checks "
        "four at the same time. It counts, compares and keeps nothing",
        f"{count} generations that have succeeded, {EACH} each user, who has four closed windows. No page "
        f"has two of one user: for `cleanup` that is the dearest case, for each record brings its user "
        f"along. {sizes.job_rounds} runs each by turns in a project of their own, in process; documents "
        "are counted on the client's channel, for each generation. A delete costs less than a write.",
        rows,
        numbers,
    )


def _run(work: Callable[[Client], int], runs: Runs, count: int) -> None:
    with fresh_project(ROOMY) as db:
        uids = (f"user-{number:05}" for number in range(count // EACH))
        make_settled_users(db, uids, EACH, are_closed=True)
        with counting(db) as calls:
            begun = time.perf_counter()
            done = work(db)
            runs.seconds.append(time.perf_counter() - begun)
        if done != count:
            raise RuntimeError(f"{done} records, not {count}")
        # Each record's path is long, and all that is needed is how many were deleted.
        calls.written_paths = [path for path in calls.written_paths if _is_record(path)]
        calls.read_paths = []
        runs.calls = calls


def _costs(calls: Calls, count: int) -> str:
    deletes = len(calls.written_paths)
    each = (calls.billed_reads, calls.writes - deletes, deletes)
    return ", ".join(f"{number / count:.2f}" for number in each)


def _is_record(path: str) -> bool:
    return path.startswith("userGenerations/")


def _cleanup(db: Client) -> int:
    report = cleanup(context_of(db, Clock(partial(_at, PAST_RETENTION))), ENOUGH_TIME)
    return report.generations - report.failed


def _reconcile(db: Client) -> int:
    """Compare all; as the counters agree, whoever drifts is a fault of the bench or of the job."""
    report = reconcile(context_of(db, Clock(partial(_at, CLOSED_AT))), ENOUGH_TIME)
    return report.generations - report.failed - report.drifted


def _at(instant: datetime) -> datetime:
    return instant


JOBS = (
    Job("cleanup", _cleanup, lambda db: baseline_maintenance.cleanup(db, PAST_RETENTION), 1.2),
    Job("reconcile", _reconcile, lambda db: baseline_maintenance.reconcile(db, SINCE), 0.8),
)
