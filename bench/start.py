"""4. Starting: what importing `main` costs, and how soon a fresh process answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.callers import Call, Line
from bench.instances import BASELINE, FUNCTIONS, GENQUOTA, Program, environment
from bench.projects import ROOMY, fresh_project, make_users
from bench.rows import Row, Section, at_most
from bench.timing import Times, ms, p50
from dev.emulators import free_port
from dev.setup import RUN

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from bench.sizes import Sizes

LIMIT = 1.25
LIBRARIES = "import firebase_admin, google.cloud.firestore, pydantic; from firebase_functions import https_fn"
TIMED = "import time; begun = time.perf_counter(); {}; print(time.perf_counter() - begun)"


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Import in fresh interpreters by turns, then start fresh instances by turns."""
    say(f"imports, {sizes.imports} pairs")
    imports = _imports(sizes.imports)
    say(f"first answers, {sizes.first_answers} pairs")
    answers = _first_answers(sizes.first_answers)
    rows = [
        _row("import of `main`, p50", imports, *at_most(imports.ratio, LIMIT)),
        _row("first answer of a fresh process, p50", answers),
    ]
    return Section(
        "start",
        "4. Starting",
        "importing firebase_functions.https_fn, google.cloud.firestore, firebase_admin and pydantic; "
        "the bare callable of 2",
        f"Imports: {sizes.imports} fresh interpreters each, by turns, byte code cached, timed inside. "
        f"First answer: from the start of functions-framework to the answer of a first "
        f"`create_generation`, {sizes.first_answers} processes each, by turns.",
        rows,
        {"imports": vars(imports), "first answers": vars(answers)},
    )


def _row(what: str, times: Times, target: str = "-", is_met: bool | None = None) -> Row:  # noqa: FBT001
    ours, theirs = p50(times.ours), p50(times.theirs)
    return Row(what, ms(ours), ms(theirs), f"{times.ratio:.2f}x", target, is_met)


def _imports(pairs: int) -> Times:
    times = Times()
    for number in range(-2, pairs):  # the first ones find cold caches
        both = [(times.ours, "import main"), (times.theirs, LIBRARIES)]
        for found, statement in both if number % 2 == 0 else reversed(both):
            seconds = _timed_inside(statement)
            if number >= 0:
                found.append(seconds)
    return times


def _timed_inside(statement: str) -> float:
    command = [sys.executable, "-c", TIMED.format(statement)]
    env = environment("demo-bench-import")
    return float(subprocess.check_output(command, cwd=FUNCTIONS, env=env, text=True))


def _first_answers(pairs: int) -> Times:
    times = Times()
    warming = Times()
    log_path = RUN / "bench-instances.log"
    with fresh_project(ROOMY) as db, log_path.open("ab") as log:
        make_users(
            db, [f"{side}-{number}" for side in ("ours", "theirs") for number in range(pairs)]
        )
        for number in range(-1, pairs):
            ours, theirs = (
                partial(_first_answer, Program(source), db.project, f"{side}-{max(0, number)}", log)
                for source, side in ((GENQUOTA, "ours"), (BASELINE, "theirs"))
            )
            (times if number >= 0 else warming).take_turns(number, ours, theirs)
    return times


def _first_answer(program: Program, project: str, uid: str, log: IO[bytes]) -> None:
    """Start an instance, wait for its first answer, and end it."""
    port = free_port()
    process = subprocess.Popen(
        program.command(port),
        cwd=program.source.parent,
        env=environment(project),
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        line = Line(port)
        while not line.is_open():
            if process.poll() is not None:
                raise RuntimeError(f"{program.source.name} did not start")
            time.sleep(0.005)
        answer = line.ask(Call.create(project, uid, f"first-{port}"))
        if answer.reason != "ok":
            raise RuntimeError(f"{program.source.name} answered {answer}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn's worker is of the same group
        process.wait()
