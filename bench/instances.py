"""Instances: functions served as the platform serves them, by functions-framework with gunicorn."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.callers import Line
from dev.emulators import free_port
from dev.process_group import descendants, run_in_process_group
from dev.setup import ROOT, RUN, VENV

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = ROOT / "functions"
GENQUOTA = FUNCTIONS / "main.py"
COUNTED = ROOT / "bench" / "servers" / "counted.py"
BASELINE = ROOT / "bench" / "servers" / "baseline.py"
BASELINE_ROUTES = ROOT / "bench" / "servers" / "baseline_routes.py"
START_SECONDS = 30.0
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
THREADS = "80"  # as functions/.env has it: as many as the platform sends requests at once


@dataclass(frozen=True, slots=True)
class Program:
    """A function and the file that it stands in."""

    source: Path
    target: str = "create_generation"

    @property
    def env(self) -> dict[str, str]:
        """What the platform tells an instance of itself."""
        return {
            "FUNCTION_TARGET": self.target,
            "K_SERVICE": self.target,
            "FUNCTIONS_EMULATOR": "true",  # or Genquota would refuse to believe unsigned tokens
        }

    def command(self, port: int) -> list[str]:
        framework = [str(VENV / "bin" / "functions-framework"), "--host=127.0.0.1"]
        return [*framework, f"--port={port}", f"--target={self.target}", f"--source={self.source}"]


def environment(project: str, root: Path = ROOT) -> dict[str, str]:
    """Return the environment of an instance: no more than contract and platform name.

    Args:
        project: Of the emulator.
        root: Where the sources are.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join((str(root), str(root / "functions"))),
        "GCLOUD_PROJECT": project,
        "FIRESTORE_EMULATOR_HOST": os.environ["FIRESTORE_EMULATOR_HOST"],
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:1",  # nobody there: unsigned tokens are believed
        "THREADS": THREADS,
        "CONCURRENCY": THREADS,
        "CALLS_PER_MINUTE": "0",  # a bound on callers would answer for the calls that are measured
    }


def run_process(project: str, module: str, *arguments: str, **settings: str) -> Any:  # noqa: ANN401 - JSON
    """Run a module of the bench in a process of its own, and return what its last line says in JSON."""
    process = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *arguments],
        cwd=ROOT,
        env={**environment(project), **settings},
        text=True,
        capture_output=True,
        check=False,
    )
    if process.returncode != 0:
        raise RuntimeError(f"{module} {arguments}: {process.stderr[-2000:]}")
    return json.loads(process.stdout.splitlines()[-1])


@dataclass(frozen=True, slots=True)
class Instance:
    """A function that is being served."""

    port: int
    pid: int
    """Above all of its processes."""

    def peak_kilobytes(self) -> int:
        """Return how much memory its largest process has had at most; 0 where the system does not say."""
        peaks = ["0"]
        for pid in descendants(self.pid):
            with suppress(OSError):
                peaks += _PEAK.findall(Path(f"/proc/{pid}/status").read_text())
        return max(map(int, peaks))

    def processor_seconds(self) -> float:
        """Return how long its processes have used a processor, where `/proc` says.

        Raises:
            RuntimeError: It does not.
        """
        ticks = 0
        for pid in descendants(self.pid):
            with suppress(OSError):
                user, system = (
                    Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                )
                ticks += int(user) + int(system)
        if not ticks:
            raise RuntimeError("this system does not say what processor time an instance has used")
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def instance(program: Program, project: str) -> Iterator[Instance]:
    """Serve a function for the length of a `with` block."""
    port = free_port()
    log_path = RUN / "bench-instances.log"
    with (
        log_path.open("ab") as log,
        run_in_process_group(
            program.command(port),
            log,
            env=environment(project) | program.env,
            cwd=program.source.parent,
        ) as process,
    ):
        deadline = time.monotonic() + START_SECONDS
        while not Line(port).is_open():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{program.source.name} did not start; see {log_path.name}")
            time.sleep(0.02)
        yield Instance(port, process.pid)
