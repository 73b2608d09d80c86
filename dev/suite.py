"""Start the whole suite of emulators with the functions in it, for `make run` and `tests/e2e`.

The configuration is firebase.json with four things changed: the runtime is the Python of the
virtualenv, the ports are this suite's, its pages may reach them, and the functions get time travel
(TEST_CLOCK).
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dev.emulators import firestore_jar, free_port, pubsub_emulator
from dev.env_files import LOCAL, read_settings
from dev.java import SHORT_RUN, java_home
from dev.process_group import run_in_process_group
from dev.secrets import local_secrets
from dev.setup import FIREBASE, ROOT, RUN, SetupError, node_environment, one_at_a_time, progress
from dev.site import build_site, serve_site

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from pathlib import Path

EMULATORS = ("auth", "functions", "firestore", "hosting", "pubsub")
WEBSOCKET = "firestore_websocket"  # the Firestore emulator listens on two ports
READY = "All emulators ready"
BROKEN = "Failed to load function definition"  # "ready" is said all the same
ONE_CALL_A_CONNECTION = ROOT / "dev" / "one_call_a_connection.cjs"
START_SECONDS = 240  # a busy machine takes a minute


@dataclass(frozen=True, slots=True)
class Suite:
    """A running suite of emulators: its project and the port of each emulator."""

    project: str
    region: str
    ports: dict[str, int]
    log: Path
    process: subprocess.Popen[bytes]

    def host(self, emulator: str) -> str:
        """Return `host:port` of one emulator."""
        return f"127.0.0.1:{self.ports[emulator]}"

    def environment(self) -> dict[str, str]:
        """Return the variables that clients of this suite look for."""
        return {
            "GCLOUD_PROJECT": self.project,
            "REGION": self.region,
            "FIRESTORE_EMULATOR_HOST": self.host("firestore"),
            "FIREBASE_AUTH_EMULATOR_HOST": self.host("auth"),
            "FUNCTIONS_EMULATOR_HOST": self.host("functions"),
            "PUBSUB_EMULATOR_HOST": self.host("pubsub"),
        }


def shipped_ports() -> dict[str, int]:
    """Return the ports that firebase.json names, by emulator."""
    emulators = _emulators(_shipped())
    ports = {name: options["port"] for name, options in emulators.items()}
    return {**ports, WEBSOCKET: emulators["firestore"]["websocketPort"]}


def free_ports() -> dict[str, int]:
    """Return a free port for each emulator, for suites that run beside others."""
    return {name: free_port() for name in shipped_ports()}


def is_taken(port: int) -> bool:
    """Return whether another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@contextmanager
def emulator_suite(
    project: str, ports: dict[str, int], emulators: Sequence[str] = EMULATORS
) -> Iterator[Suite]:
    """Run the suite for the length of a `with` block.

    Raises:
        SetupError: it did not start; the text ends with the last lines of its log.
    """
    with one_at_a_time():
        node_environment()
        build_site()
        java, jar, pubsub = java_home(), firestore_jar(), pubsub_emulator()
    folder = RUN / project
    folder.mkdir(parents=True, exist_ok=True)
    env = {
        **os.environ,
        "JAVA_HOME": str(java),
        "JAVA_TOOL_OPTIONS": " ".join((os.environ.get("JAVA_TOOL_OPTIONS", ""), *SHORT_RUN)),
        "PATH": f"{java / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "FIRESTORE_EMULATOR_BINARY_PATH": str(jar),
        "PUBSUB_EMULATOR_BINARY_PATH": str(pubsub),
        "FIREBASE_CLI_DISABLE_UPDATE_CHECK": "true",
        "NODE_OPTIONS": f'{os.environ.get("NODE_OPTIONS", "")} --require="{ONE_CALL_A_CONNECTION}"',
    }
    local_secrets()
    copy_settings(project, folder)
    region = served_region(folder, project)
    config = _write_configuration(project, ports, folder, region)
    command = [str(FIREBASE), "emulators:start", f"--only={','.join(emulators)}"]
    command += [f"--project={project}", f"--config={config}"]
    path = folder / "emulators.log"
    try:
        with (
            path.open("wb") as log,
            run_in_process_group(command, log, env=env, cwd=folder) as process,
        ):
            with progress(f"starting the emulators: {', '.join(emulators)}"):
                _wait_until_ready(path, process)
            yield Suite(project, region, ports, path, process)
    finally:
        config.unlink(missing_ok=True)


def _write_configuration(project: str, ports: dict[str, int], folder: Path, region: str) -> Path:
    shipped = _shipped()
    serve_site(shipped["hosting"], region, may_call="http://127.0.0.1:* ws://127.0.0.1:*")
    shipped["functions"][0]["runtime"] = f"python{sys.version_info.major}{sys.version_info.minor}"
    shipped["functions"][0]["configDir"] = str(folder.relative_to(ROOT))
    emulators = _emulators(shipped)
    for name, options in emulators.items():
        options["port"] = ports[name]
    emulators["firestore"]["websocketPort"] = ports[WEBSOCKET]
    # Paths in it are relative to where it lies, and firebase-tools reloads no function below a
    # folder whose name begins with a dot: so it lies at the root.
    config = ROOT / f".firebase-{project}.json"
    config.write_text(json.dumps(shipped, indent=2))
    return config


def _emulators(configuration: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - JSON
    return {
        name: it
        for name, it in configuration["emulators"].items()
        if isinstance(it, dict) and "port" in it
    }


def _shipped() -> Any:  # noqa: ANN401 - JSON
    return json.loads((ROOT / "firebase.json").read_text())


def copy_settings(project: str, folder: Path) -> None:
    """Copy the developer's settings to where the suite's functions get them from, with time travel.

    The live feed is on, unless the developer's `.env.local` says otherwise: of a name twice the last counts.
    """
    for name, before, after in [
        (".env", b"", b""),
        (f".env.{project}", b"", b""),
        (LOCAL, b"LIVE_FEED=named\n", b"\nTEST_CLOCK=true\n"),
    ]:
        settings = ROOT / "functions" / name
        content = settings.read_bytes() if settings.is_file() else b""
        (folder / name).write_bytes(before + content + after)


def served_region(folder: Path, project: str) -> str:
    """Return where the functions are that have the settings in a folder.

    Raises:
        BadEnvFile: The CLI would refuse a file.
    """
    return read_settings(folder, project, emulated=True).get("REGION", "us-central1")


def _wait_until_ready(log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    output = ""
    while process.poll() is None and time.monotonic() < deadline and BROKEN not in output:
        if READY in output:
            return
        time.sleep(0.2)
        output = log.read_text(errors="replace")
    time.sleep(0.5)  # for the lines that say why
    output = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    raise SetupError(f"the emulators did not start; the log is {log}:\n{output[-3000:]}")
