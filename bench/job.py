"""One run of a scheduled job in a process of its own: `python -m bench.job SIDE JOB PROJECT`.

Prints what it did, how long it took and how much memory the process has had at most.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import timedelta

from google.cloud.firestore import Client

from bench import baseline_jobs
from bench.due_users import JOBS, RESET
from bench.projects import context_of
from bench.timing import peak_kilobytes
from genquota.store.documents import Clock
from genquota.use_cases.jobs import sweep


def main(side: str, name: str, project: str) -> None:
    """Run the job and print a line of JSON."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    job, db = JOBS[name], Client(project=project)
    context = context_of(db, Clock(lambda: job.now))
    begun = time.perf_counter()
    if side == "bare":
        run = baseline_jobs.reset_periods if job is RESET else baseline_jobs.expire_generations
        users = run(db, job.now)
    else:
        ours = sweep.reset_periods if job is RESET else sweep.expire_generations
        users = ours(context, timedelta(minutes=10)).users
    seconds = time.perf_counter() - begun
    print(json.dumps({"users": users, "seconds": seconds, "peak_kb": peak_kilobytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
