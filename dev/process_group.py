"""Run a program so that nothing of it outlives the one who started it.

`python dev/process_group.py COMMAND...` starts the command and ends it, with everything below it, when its
own standard input closes: that happens when the starter closes it, and when the starter is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

POLITE_SECONDS = 12.0  # how long a program may take to end by itself
GONE_SECONDS = 5.0  # how long a busy machine may take to end what is killed


@contextmanager
def run_in_process_group(
    command: list[str],
    log: IO[bytes],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in a process group for the length of a `with` block, its output going to `log`."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), *command],
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches the starter only, who lets go
    )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def main(command: list[str]) -> int:
    """Run `command` until it ends or standard input closes; return its exit code."""
    # A shell lets its background jobs ignore SIGINT, and so would the command.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    let_go = threading.Event()

    def end_with_starter() -> None:
        sys.stdin.buffer.read()
        let_go.set()
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLITE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also those whose parent ended before them
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # those that left the group
        give_up_at = time.monotonic() + GONE_SECONDS
        while _is_running(process.pid, below) and time.monotonic() < give_up_at:
            time.sleep(0.01)

    watch = threading.Thread(target=end_with_starter, daemon=True)
    watch.start()
    code = process.wait()
    if let_go.is_set():
        watch.join()  # it still has to clear up what was below
    return code


def parents() -> dict[int, int]:
    """Return the parent of each process that runs on this machine."""
    return {pid: parent for pid, parent, _ in _running()}


def descendants(ancestor: int) -> list[int]:
    """Return the processes below one."""
    found, listing = [ancestor], parents()
    for each in found:
        found += [pid for pid, parent in listing.items() if parent == each]
    return found[1:]


def _is_running(group: int, pids: list[int]) -> bool:
    """Return whether a process of the group, or one of the others, is still there."""
    return any(its_group == group or pid in pids for pid, _, its_group in _running())


def _running() -> Iterator[tuple[int, int, int]]:
    """Yield the id, the parent and the group of each process that runs on this machine."""
    for pid, parent, group, state in _processes():
        if not state.startswith("Z"):  # ended, only not fetched yet
            yield int(pid), int(parent), int(group)


def _processes() -> Iterator[Sequence[str]]:
    if Path("/proc/self/stat").is_file():  # slim Linux images have no `ps`
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it ended meanwhile
                state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
                yield stat.parent.name, parent, group, state
    else:
        listing = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,pgid=,stat="], text=True)
        yield from (line.split() for line in listing.splitlines())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
