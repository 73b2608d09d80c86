"""An instance of the functions in a process of its own, which may be told to die at a given commit.

`python -m tests.emulator.instance PROJECT JOB`, where the job is a `Job` as JSON. It says `ready` when it
is warm, begins at the next line of its input, and prints how its calls ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

from google.cloud import firestore

from genquota.store import transaction
from genquota.store.privacy import deletion as erasure
from genquota.use_cases.core.context import Caller
from genquota.use_cases.jobs.job_table import JOBS
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import AN_HOUR, START, Environment
from tests.emulator.operator_actions import OperatorActions
from tests.emulator.provider_events import send_event
from tests.indexes.recordings import ROOT
from tests.rpc_counter import COMMIT, listening

if TYPE_CHECKING:
    from collections.abc import Callable

DIED = 9
"""The exit code of an instance that was told to die."""


@dataclass(frozen=True)
class Job:
    """What to do."""

    verb: str
    """`create`, `report`, `send_event`, or the name of a job."""
    uid: str = "ada"
    key: str | None = None
    generation_id: str = ""
    status: str = "success"
    payload: str = ""
    """An event of a payment provider, as JSON."""
    parallel: int = 1
    page: int = 200
    now: str = START.isoformat()
    die_before_commit: int = 0
    """Die when the commit of this number would be sent; 0 = never."""
    die_after_commit: int = 0
    """Die when the answer to it arrives."""


class Instance:
    """A running process that waits for its start."""

    def __init__(self, project: str, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator.instance", project, json.dumps(asdict(job))],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "functions"), str(ROOT)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> None:
        """Wait until it is warm, and let it begin."""
        assert cast("IO[str]", self._process.stdout).readline() == "ready\n"
        line_in = cast("IO[str]", self._process.stdin)
        line_in.write("go\n")
        line_in.flush()

    def end(self) -> dict[str, int] | int:
        """Return how its calls ended; if it died, its exit code."""
        output, _ = self._process.communicate(timeout=60)
        if self._process.returncode:
            return self._process.returncode
        answer: dict[str, int] = json.loads(output)
        return answer


def run(project: str, *jobs: Job) -> list[dict[str, int] | int]:
    """Run jobs at once, each in a process of its own."""
    instances = [Instance(project, job) for job in jobs]
    for instance in instances:
        instance.start()
    return [instance.end() for instance in instances]


class _Fate:
    """Ends the process at its commit."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._sent = 0
        self._lock = threading.Lock()

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401, ARG002 - a listener's signature
        if rpc == COMMIT:
            with self._lock:
                self._sent += 1
                if self._sent == self._job.die_before_commit:
                    os._exit(DIED)

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401, ARG002
        if rpc == COMMIT and self._sent == self._job.die_after_commit:
            os._exit(DIED)


def main(project: str, job: Job) -> None:
    """Do the job."""
    db = firestore.Client(project=project)
    env = Environment(db, datetime.fromisoformat(job.now))
    env.set_policy(repairs_drift=True)
    erasure.PAGE = job.page
    for each in JOBS.values():
        vars(sys.modules[each.__module__])["PAGE"] = job.page
    transaction.PATIENCE = timedelta(
        seconds=60
    )  # on a busy machine; bench/ measures on a quiet one
    verbs: dict[str, Callable[[], object]] = {
        "create": lambda: env.create(job.uid, job.key),
        "give": lambda: OperatorActions(env, None).give(5, job.key or "k", job.uid),
        "refund": lambda: OperatorActions(env, None).refund(job.generation_id),
        "put-subscription": lambda: OperatorActions(env, None).subscribe("plus", job.uid),
        "report": lambda: env.report(job.generation_id, job.status, job.uid),
        "tell": lambda: send_event(env, json.loads(job.payload)),
        **{name: partial(each, env.context, AN_HOUR) for name, each in JOBS.items()},
        "delete_user": lambda: delete_user(env.context, Caller(job.uid), None, AN_HOUR),
    }
    with listening(db, _Fate(job)):
        db.document("warm/up").get()
        print("ready", flush=True)  # noqa: T201 - this is how it talks
        sys.stdin.readline()
        print(json.dumps(outcomes(race([verbs[job.verb]] * job.parallel))))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Job(**json.loads(sys.argv[2])))
