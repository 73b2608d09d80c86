"""An instance of the functions in a process of its own, which may be told to die at a given commit.

The process is forked from a server that has imported all of this already: importing takes longer than what
most tests then do.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
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
from tests.rpc_counter import COMMIT, listening

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

DIED = 9
"""The exit code of an instance that was told to die."""
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Job:
    """What to do."""

    verb: str
    """One of those in `main`, or the name of a job."""
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
        self._connection, other_end = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=main, args=(project, job, other_end), daemon=True)
        with pytest.MonkeyPatch.context() as patch:
            # The server does not get this process's sys.path before it imports.
            patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
            self._process.start()
        other_end.close()

    def start(self) -> None:
        """Wait until it is warm, and let it begin."""
        assert self._connection.recv() == "ready"
        self._connection.send("go")

    def end(self) -> dict[str, int] | int:
        """Return how its calls ended; if it died, its exit code."""
        self._process.join(60)
        assert self._process.exitcode is not None, "it did not end"
        if self._process.exitcode:
            return self._process.exitcode
        answer: dict[str, int] = self._connection.recv()
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
        self._last: Any = None
        """The request whose answer ends the process; others may be under way beside it."""
        self._lock = threading.Lock()

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401 - a listener's signature
        if rpc == COMMIT:
            with self._lock:
                self._sent += 1
                if self._sent == self._job.die_before_commit:
                    os._exit(DIED)
                if self._sent == self._job.die_after_commit:
                    self._last = request

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401, ARG002
        if rpc == COMMIT and request is self._last:
            os._exit(DIED)


def main(project: str, job: Job, starter: Connection) -> None:
    """Do the job when the starter says so, and send it how the calls ended."""
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
        "send_event": lambda: send_event(env, json.loads(job.payload)),
        **{name: partial(each, env.context, AN_HOUR) for name, each in JOBS.items()},
        "delete_user": lambda: delete_user(env.context, Caller(job.uid), None, AN_HOUR),
    }
    with listening(db, _Fate(job)):
        db.document("warm/up").get()
        starter.send("ready")
        starter.recv()
        starter.send(outcomes(race([verbs[job.verb]] * job.parallel)))
