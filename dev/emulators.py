"""Find the emulators' programs on this machine, and start the Firestore emulator by itself.

Tests that need only a store use the emulator's jar directly: it starts in a second or two. The
whole suite of emulators is started in dev/suite.py.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dev.java import java_home
from dev.process_group import run_in_process_group
from dev.setup import FIREBASE, RUN, SetupError, node_environment, one_at_a_time, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRESTORE_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
MANIFEST = "META-INF/MANIFEST.MF"
START_SECONDS = 120
MANIFEST_LINE_BYTES = 70  # the jar format ends a line at 72 bytes, its line break included


@contextmanager
def firestore_emulator(*java_options: str) -> Iterator[str]:
    """Run the Firestore emulator for the length of a `with` block and give its `host:port`."""
    port = free_port()
    with one_at_a_time():
        java, jar = java_home() / "bin" / "java", firestore_jar()
    command = [str(java), *java_options, "-jar", str(jar), "--host=127.0.0.1", f"--port={port}"]
    log_path = RUN / f"firestore-{port}.log"
    with log_path.open("wb") as log, run_in_process_group(command, log) as process:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/", process, log_path)
        yield f"127.0.0.1:{port}"
    log_path.unlink(missing_ok=True)


def firestore_jar() -> Path:
    """Return a Firestore emulator jar that `java -jar` starts."""
    name = "cloud-firestore-emulator"
    jar = _find("FIRESTORE", f"{name}-v*.jar", f"{name}/{name}.jar")
    return jar if _names_its_main_class(jar) else _wrapper(jar)


def pubsub_emulator() -> Path:
    """Return the Pub/Sub emulator's program: without it no scheduled function is registered."""
    program = "pubsub-emulator/bin/cloud-pubsub-emulator"
    return _find("PUBSUB", f"pubsub-emulator-*/{program}", program)


def free_port() -> int:
    """Return a port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _find(name: str, in_cache: str, in_gcloud: str) -> Path:
    """Look for an emulator in the variable, firebase-tools' cache and gcloud, else download it.

    Raises:
        SetupError: it is nowhere, and the download failed.
    """
    variable = f"{name}_EMULATOR_BINARY_PATH"
    if named := os.environ.get(variable):
        if not Path(named).is_file():
            raise SetupError(f"{variable} names {named}, which is not there")
        return Path(named)
    if found := _newest_in_cache(in_cache):
        return found
    for root in _gcloud_roots():
        if (found := root / "platform" / in_gcloud).is_file():
            return found
    node_environment()
    with progress(f"downloading the {name.lower()} emulator"):
        command = [str(FIREBASE), f"setup:emulators:{name.lower()}"]
        done = subprocess.run(command, check=False, text=True, capture_output=True, cwd=RUN)
    if found := _newest_in_cache(in_cache):
        return found
    raise SetupError(
        f"the {name.lower()} emulator could not be downloaded:\n{done.stdout}{done.stderr}\n"
        f"Name a copy in {variable}, or install the gcloud component {Path(in_gcloud).parts[0]}."
    )


def _newest_in_cache(pattern: str) -> Path | None:
    named = os.environ.get("FIREBASE_EMULATORS_PATH")
    cache = Path(named) if named else Path.home() / ".cache" / "firebase" / "emulators"
    return max(cache.glob(pattern), key=_version, default=None)


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.as_posix())]


def _gcloud_roots() -> Iterator[Path]:
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return
    yield Path(gcloud).resolve().parent.parent
    command = [gcloud, "info", "--format=value(installation.sdk_root)"]
    asked = subprocess.run(command, check=False, text=True, capture_output=True)
    if root := asked.stdout.strip():
        yield Path(root)


def _names_its_main_class(jar: Path) -> bool:
    return "Main-Class:" in _manifest(jar)


def _manifest(jar: Path) -> str:
    with zipfile.ZipFile(jar) as archive:
        return archive.read(MANIFEST).decode()


def _wrapper(jar: Path) -> Path:
    """Write a jar that only says what to start: gcloud's own names no main class."""
    lines = [
        "Manifest-Version: 1.0",
        f"Main-Class: {FIRESTORE_MAIN}",
        f"Class-Path: {jar.as_uri()}",
    ]
    manifest = "".join(f"{_folded(line)}\r\n" for line in lines)
    wrapper = RUN / "firestore-emulator.jar"
    if not wrapper.is_file() or _manifest(wrapper) != manifest:
        new = wrapper.with_suffix(".new")
        with zipfile.ZipFile(new, "w") as archive:
            archive.writestr(MANIFEST, manifest)
        new.replace(wrapper)  # an emulator that runs keeps the one it has opened
    return wrapper


def _folded(line: str) -> str:
    head, rest = line[:MANIFEST_LINE_BYTES], line[MANIFEST_LINE_BYTES:]
    return f"{head}\r\n{_folded(' ' + rest)}" if rest else head


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - the scheme is http, written above
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    end_of_log = log.read_text(errors="replace")[-2000:]
    raise SetupError(f"the emulator did not start; its log is {log}:\n{end_of_log}")
