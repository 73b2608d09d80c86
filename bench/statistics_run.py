"""One run of `daily_statistics` in a process of its own: `python -m bench.statistics_run SIDE PROJECT FILE`.

SIDE is `script` (count, and write down in FILE what was sent), `bare` (send what FILE says) or `genquota`.
Prints how many records were read, how long that took, for how long it used the processor, and how much
memory the process has had at most.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from google.cloud.firestore import Client

from bench.projects import context_of
from bench.statistics_script import Script, play
from bench.timing import peak_kilobytes
from genquota.store.documents import Clock
from genquota.use_cases.jobs.daily_statistics import LAG, daily_statistics
from tests.rpc_counter import listening

CLOSED_AT = datetime(2026, 3, 3, 18, tzinfo=UTC)
"""From when on all records have closed, and no day is to be compared with its records."""


def main(side: str, project: str, file: str) -> None:
    """Count, and print a line of JSON."""
    db, started = Client(project=project), time.process_time()
    if side == "bare":
        steps = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by this program
        begun = time.perf_counter()
        records = play(db, steps, CLOSED_AT - LAG)
    elif side == "script":
        script = Script()
        begun = time.perf_counter()
        with listening(db, script):
            records = count(db)
        Path(file).write_bytes(pickle.dumps(script.steps))
    else:
        begun = time.perf_counter()
        records = count(db)
    seconds, processor = time.perf_counter() - begun, time.process_time() - started
    run = {"records": records, "seconds": seconds, "processor": processor}
    print(json.dumps({**run, "peak_kb": peak_kilobytes()}))


def count(db: Client) -> int:
    """Let Genquota count all that has closed. Return how many generations that were."""
    context = context_of(db, Clock(lambda: CLOSED_AT))
    return daily_statistics(context, timedelta(hours=1)).generations


if __name__ == "__main__":
    main(*sys.argv[1:])
