"""Run a program so that nothing of it outlives the one who started it.

`python dev/leash.py COMMAND...` starts the command and ends it, with everything below it, when its
own standard input closes: that happens when the starter closes it, and when the starter is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POLITE_SECONDS = 12.0  # how long a program may take to end by itself


@contextmanager
def leashed(
    command: list[str],
    log: IO[bytes],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program on a leash for the length of a `with` block, its output going to `log`."""
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
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def end_with_starter() -> None:
        sys.stdin.buffer.read()
        below = [process.pid, *_descendants(process.pid)]
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLITE_SECONDS)
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    watch = threading.Thread(target=end_with_starter, daemon=True)
    watch.start()
    code = process.wait()
    if not sys.stdin.closed:
        watch.join(timeout=0.2)  # ended by the leash: let it clear up what was below
    return code


def _descendants(ancestor: int) -> list[int]:
    listing = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True)
    children: dict[int, list[int]] = {}
    for line in listing.splitlines():
        pid, parent = map(int, line.split())
        children.setdefault(parent, []).append(pid)
    found, todo = [], [ancestor]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
