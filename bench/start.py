"""4. Starting: what each function's import costs, and how soon a fresh process answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.callers import Call, Line
from bench.deployed import deployed_sources
from bench.instances import BASELINE, GENQUOTA, Program, environment
from bench.projects import ROOMY, fresh_project, make_users
from bench.rows import Row, Section, at_most
from bench.timing import Times, ms, p50
from dev.emulators import free_port
from dev.setup import ROOT, RUN
from tests.functions.app import CALLABLES, HTTP, SCHEDULES, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

    from bench.sizes import Sizes

LIMIT = 1.0
LIBRARIES = "import firebase_admin, google.cloud.firestore, pydantic; from firebase_functions import https_fn"
TIMED = "import time; begun = time.process_time(); {}; print(time.process_time() - begun)"
FUNCTIONS = (*CALLABLES, *HTTP, *WEBHOOKS, *SCHEDULES)


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Import in fresh interpreters by turns, then start fresh instances by turns."""
    with deployed_sources() as root:
        say(f"imports, {sizes.imports} rounds of {len(FUNCTIONS)} functions")
        imports = _imports(sizes.imports, root)
        say(f"first answers, {sizes.first_answers} pairs")
        answers = _first_answers(sizes.first_answers, root)
    libraries = imports.pop("")
    rows = [
        Row(
            f"import of `{name}`, CPU", ms(p50(times)), ms(p50(libraries)), _ratio(times, libraries)
        )
        for name, times in imports.items()
    ]
    ours, theirs = p50(answers.ours), p50(answers.theirs)
    target = at_most(answers.ratio, LIMIT)
    what = "first answer of a fresh process, p50"
    rows.append(Row(what, ms(ours), ms(theirs), f"{answers.ratio:.2f}x", *target))
    return Section(
        "start",
        "4. Starting, as deployed",
        "importing firebase_functions.https_fn, google.cloud.firestore, firebase_admin and pydantic; "
        "the bare callable of 2",
        "All sources are as in a deployed image: compiled, then dated 1980-01-01, so that their byte code "
        f"is stale; that of libraries is good. Imports: {sizes.imports} fresh interpreters for each "
        "function, by turns, CPU time inside. First answer: from the start of functions-framework to the "
        f"answer of a first `create_generation`, {sizes.first_answers} processes each, by turns.",
        rows,
        {"imports": imports, "libraries": libraries, "first answers": vars(answers)},
    )


def _ratio(times: list[float], libraries: list[float]) -> str:
    return f"{p50(times) / p50(libraries):.2f}x"


def _imports(rounds: int, root: Path) -> dict[str, list[float]]:
    """Return the CPU seconds of each function's import, and of the libraries' under the name ""."""
    times: dict[str, list[float]] = {name: [] for name in (*FUNCTIONS, "")}
    for number in range(-1, rounds):  # the first one finds cold caches
        for name, found in times.items():
            statement = "import main" if name else LIBRARIES
            target = {"FUNCTION_TARGET": name} if name else {}
            seconds = _timed_inside(statement, root, target)
            if number >= 0:
                found.append(seconds)
    return times


def _timed_inside(statement: str, root: Path, target: dict[str, str]) -> float:
    command = [sys.executable, "-c", TIMED.format(statement)]
    env = _environment("demo-bench-import", root) | target
    return float(subprocess.check_output(command, cwd=root / "functions", env=env, text=True))


def _environment(project: str, root: Path) -> dict[str, str]:
    # Or else the first start would mend the byte code for all others.
    return environment(project, root) | {"PYTHONDONTWRITEBYTECODE": "1"}


def _first_answers(pairs: int, root: Path) -> Times:
    times = Times()
    warming = Times()
    log_path = RUN / "bench-instances.log"
    programs = [Program(root / source.relative_to(ROOT)) for source in (GENQUOTA, BASELINE)]
    with fresh_project(ROOMY) as db, log_path.open("ab") as log:
        make_users(
            db, [f"{side}-{number}" for side in ("ours", "theirs") for number in range(pairs)]
        )
        env = _environment(db.project, root)
        for number in range(-1, pairs):
            ours, theirs = (
                partial(_first_answer, program, env, f"{side}-{max(0, number)}", log)
                for program, side in zip(programs, ("ours", "theirs"), strict=True)
            )
            (times if number >= 0 else warming).take_turns(number, ours, theirs)
    return times


def _first_answer(program: Program, env: dict[str, str], uid: str, log: IO[bytes]) -> None:
    """Start an instance, wait for its first answer, and end it."""
    port = free_port()
    process = subprocess.Popen(
        program.command(port),
        cwd=program.source.parent,
        env=env | program.env,
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
        answer = line.ask(Call.create(env["GCLOUD_PROJECT"], uid, f"first-{port}"))
        if answer.reason != "ok":
            raise RuntimeError(f"{program.source.name} answered {answer}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn's worker is of the same group
        process.wait()
