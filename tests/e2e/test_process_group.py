"""Emulators never outlive what started them, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dev.process_group import POLITE_SECONDS, parents

ROOT = Path(__file__).parents[2]

STARTER = '''
import signal, sys, time
from dev.process_group import run_in_process_group
signal.signal(signal.SIGINT, getattr(signal, sys.argv[2]))
script = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "60"])
detached = subprocess.Popen(["sleep", "60"], start_new_session=True)
orphan = subprocess.check_output("sleep 60 >/dev/null & echo $!", shell=True, text=True).strip()
print(os.getpid(), child.pid, detached.pid, orphan, flush=True)
time.sleep(60)
"""
with open(sys.argv[1], "wb") as log, run_in_process_group([sys.executable, "-c", script], log):
    time.sleep(60)
'''


def start(log: Path, on_interrupt: str) -> tuple[subprocess.Popen[bytes], list[int]]:
    """Start a starter; return it and the process ids of what it started, and of what that did."""
    log.touch()
    starter = subprocess.Popen([sys.executable, "-c", STARTER, log, on_interrupt], cwd=ROOT)
    while len(pids := log.read_text().split()) < 4:
        time.sleep(0.05)
    return starter, [int(pid) for pid in pids]


def running(pids: list[int]) -> list[int]:
    return [pid for pid in pids if pid in parents()]


def wait_until_ended(pids: list[int], seconds: float = POLITE_SECONDS / 2) -> None:
    deadline = time.monotonic() + seconds
    while running(pids) and time.monotonic() < deadline:
        time.sleep(0.1)


def test_an_interrupted_starter_leaves_nothing_running(tmp_path: Path) -> None:
    starter, pids = start(tmp_path / "log", "default_int_handler")
    assert running(pids) == pids
    starter.send_signal(signal.SIGINT)
    starter.wait(POLITE_SECONDS / 2)
    assert running(pids) == []


def test_a_killed_starter_leaves_nothing_running(tmp_path: Path) -> None:
    starter, pids = start(tmp_path / "log", "SIG_IGN")  # as a shell's background job
    assert running(pids) == pids
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    wait_until_ended(pids)
    assert running(pids) == []
