"""5. The scheduled jobs on very many users: speed, memory, and a run that is killed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import baseline_jobs
from bench.due_users import JOBS, RESET, count_due, make_due_users, wrongly_done
from bench.equal_work import require_equal_work
from bench.projects import ROOMY, context_of, fresh_project
from bench.rows import Row, Section, at_least, at_most
from bench.timing import p50, spread
from dev.setup import ROOT
from genquota.store.documents import Clock
from genquota.use_cases.jobs import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.due_users import Job
    from bench.sizes import Sizes

    Say = Callable[[str], None]

LEAST_RATE, MOST_MEMORY = 1.3, 1.2


def measure(sizes: Sizes, say: Say) -> Section:
    """Compare speeds by turns, then memory at two sizes, then kill a run and start it again."""
    rows, numbers = [], {}
    for job in JOBS.values():
        _require_equal_work(job)
        ours, theirs = _runs(job, sizes, say)
        ratios = [
            their["seconds"] / our["seconds"] for our, their in zip(ours, theirs, strict=True)
        ]
        our_rate, their_rate = (_rate(runs, sizes.due_users) for runs in (ours, theirs))
        target = at_least(p50(ratios), LEAST_RATE)
        rows.append(Row(f"{job.name}, users/s", our_rate, their_rate, spread(ratios), *target))
        few = run_job(job, "genquota", sizes.few_due_users, say)
        peak = p50([run["peak_kb"] for run in ours])
        growth = peak / few["peak_kb"]
        rows.append(
            Row(
                f"- peak memory, {sizes.due_users} to {sizes.few_due_users} users",
                f"{peak / 1024:.0f} MB",
                f"{few['peak_kb'] / 1024:.0f} MB",
                f"{growth:.2f}x",
                *at_most(growth, MOST_MEMORY),
            )
        )
        rows.append(_killed(job, sizes.due_users, say))
        numbers[job.name] = {"ours": ours, "theirs": theirs, "few": few}
    return Section(
        "jobs",
        "5. Scheduled jobs",
        "the bare SDK querying the same pages and writing the same fields in batched commits of the "
        "same size, without preconditions; for memory, Genquota with fewer users",
        f"{sizes.due_users} users for whom the job is due, each with one generation: settled last "
        f"month (resetting writes the user, four closed windows and a notice), or past the end "
        f"of its hold (expiring writes the user and the record). A process and a project for each "
        f"run, by turns, {sizes.job_rounds} runs each. The killed run ends by SIGKILL when "
        "half is done; then the job is started again, and every document is checked.",
        rows,
        numbers,
    )


def _rate(runs: list[dict[str, Any]], users: int) -> str:
    return f"{users / p50([run['seconds'] for run in runs]):.0f}"


def _require_equal_work(job: Job) -> None:
    with fresh_project(ROOMY) as db:
        context = context_of(db, Clock(lambda: job.now))
        ours = sweep.reset_periods if job is RESET else sweep.expire_generations
        theirs = baseline_jobs.reset_periods if job is RESET else baseline_jobs.expire_generations
        sweep.reset_periods(context, timedelta(minutes=1))  # reads the plan
        make_due_users(db, job, 20)
        theirs_after = partial(theirs, db, job.now)
        require_equal_work(
            db,
            job.name,
            lambda: ours(context, timedelta(minutes=1)),
            theirs_after,
            between=lambda: make_due_users(db, job, 20),
        )


def _runs(job: Job, sizes: Sizes, say: Say) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    runs: dict[str, list[dict[str, Any]]] = {"genquota": [], "bare": []}
    for number in range(sizes.job_rounds):
        for side in runs if number % 2 == 0 else reversed(runs):
            runs[side].append(run_job(job, side, sizes.due_users, say))
    return runs["genquota"], runs["bare"]


def run_job(job: Job, side: str, users: int, say: Say) -> dict[str, Any]:
    """Run a job in a project of its own, and see that it did it all."""
    with fresh_project(ROOMY) as db:
        say(f"{job.name}, {side}: making {users} users")
        make_due_users(db, job, users)
        process = _start(job, side, db.project)
        output, log = process.communicate()
        if process.returncode != 0 or (left := wrongly_done(db, job, users)):
            raise RuntimeError(f"{job.name}, {side}: {left or log[-2000:]}")
        result: dict[str, Any] = json.loads(output)
        say(f"{job.name}, {side}: {users / result['seconds']:.0f} users/s")
        return result


def _killed(job: Job, users: int, say: Say) -> Row:
    """Kill a run when half of the users are done, start it again, and look at every document."""
    with fresh_project(ROOMY) as db:
        say(f"{job.name}, to be killed: making {users} users")
        make_due_users(db, job, users)
        process = _start(job, "genquota", db.project)
        for line in process.stderr or ():
            if (done := re.search(r"(\d+) users, ", line)) and int(done[1]) >= users // 2:
                break
        process.kill()
        process.communicate()
        left = count_due(db, job)
        again = _start(job, "genquota", db.project).communicate()[0]
        wrong = wrongly_done(db, job, users)
        says = f"{users - left} done, killed; {json.loads(again)['users']} done by the next run"
        verdict = "; ".join(wrong) or "each exactly once"
        is_met = not wrong and 0 < left < users
        return Row(f"- {job.name} killed half-way", says, "", verdict, "each exactly once", is_met)


def _start(job: Job, side: str, project: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.job", side, job.name, project]
    path = os.pathsep.join((str(ROOT), str(ROOT / "functions")))
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
