"""What the figures were measured on, without saying whose machine it is."""

from __future__ import annotations

import json
import os
import platform
import re
import zipfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from dev.emulators import firestore_jar

LIBRARIES = ("google-cloud-firestore", "grpcio", "firebase-functions", "functions-framework")


def describe() -> dict[str, str]:
    """Return the facts of machine and software, in the order to show them."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.machine()}",
        "load before": ", ".join(f"{load:.2f}" for load in os.getloadavg()),
        "system": f"{platform.system()}, {platform.python_implementation()} "
        f"{platform.python_version()}",
        "Firestore emulator": _emulator_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _emulator_version() -> str:
    """Return the version of the jar: in its name when firebase-tools fetched it, else gcloud knows."""
    jar = firestore_jar()
    if named := re.search(r"-v([\d.]+)\.jar", jar.name):
        return named[1]
    component = "cloud-firestore-emulator"
    snapshot = _jar_behind(jar).parents[2] / ".install" / f"{component}.snapshot.json"
    if not snapshot.is_file():
        return "unknown"
    parts = json.loads(snapshot.read_text())["components"]
    found = (part["version"]["version_string"] for part in parts if part["id"] == component)
    return str(next(found, "unknown"))


def _jar_behind(jar: Path) -> Path:
    """Return the jar that a wrapper made by dev/emulators.py starts."""
    with zipfile.ZipFile(jar) as archive:
        manifest = archive.read("META-INF/MANIFEST.MF").decode().replace("\r\n ", "")
    wrapped = re.search(r"Class-Path: (file:\S+)", manifest)
    return Path(url2pathname(urlsplit(wrapped[1]).path)) if wrapped else jar
