"""Install what the repository pins: `functions/venv` for Python, `node_modules` for Node.

Runs on the system's Python before anything is installed, so it imports the standard library only.
What is installed is remembered by a hash of the files that say it; nothing is installed twice.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / ".run"  # logs, generated configuration, locks: ignored by git
VENV = ROOT / "functions" / "venv"  # firebase-tools looks for the virtualenv under this name only
VENV_PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
FIREBASE = NODE_MODULES / ".bin" / "firebase"

PYTHON_FROM, PYTHON_TO = (3, 11), (3, 14)  # what the lock files and firebase-tools know
NODE_FROM = 20


class SetupError(Exception):
    """Something that only the developer can put right; the text says how."""


def python_environment() -> None:
    """Make `functions/venv` with the locked runtime and development packages.

    Raises:
        SetupError: this Python is too old, or has no venv module.
    """
    version = sys.version_info[:2]
    if not PYTHON_FROM <= version <= PYTHON_TO:
        raise SetupError(
            f"Python {_dotted(PYTHON_FROM)} to {_dotted(PYTHON_TO)} is needed; {sys.executable} is "
            f"{_dotted(version)}. Name another one: make run PYTHON=python3.13"
        )
    locks = [ROOT / "functions" / "requirements.txt", ROOT / "requirements-dev.txt"]
    made_for = f"Python {_dotted(version)} in {VENV}"  # a virtualenv breaks when its folder moves
    wanted = _fingerprint(locks, made_for)
    stamp = VENV / ".installed"
    if _read(stamp) == wanted and VENV_PYTHON.exists():
        return
    if _read(VENV / ".made-for") != made_for or not VENV_PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        with progress("making functions/venv"):
            command = [sys.executable, "-m", "venv", str(VENV)]
            _run(command, "On Debian and Ubuntu: apt install python3-venv")
        (VENV / ".made-for").write_text(made_for)
    with progress("installing Python packages"):
        pip_install(*(f"--requirement={lock}" for lock in locks))
    stamp.write_text(wanted)


def node_environment() -> None:
    """Install `node_modules` as package-lock.json says.

    Raises:
        SetupError: there is no Node, or an old one.
    """
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise SetupError(f"Node {NODE_FROM} or newer with npm is needed: https://nodejs.org")
    version = subprocess.check_output([node, "--version"], text=True).strip().lstrip("v")
    if int(version.split(".")[0]) < NODE_FROM:
        raise SetupError(f"Node {NODE_FROM} or newer is needed; {node} is {version}")
    wanted = _fingerprint(
        [ROOT / "package.json", ROOT / "package-lock.json"], version.split(".")[0]
    )
    stamp = NODE_MODULES / ".installed"
    if _read(stamp) == wanted:
        return
    with progress("installing firebase-tools and the Firebase JS SDK (a minute or two)"):
        _run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            "See the lines above",
        )
    stamp.write_text(wanted)


def pip_install(*arguments: str) -> None:
    """Run pip inside `functions/venv`.

    Raises:
        SetupError: pip failed.
    """
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*command, *arguments], "pip could not install the packages")


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Print what is going on, and how long it took."""
    print(f"  - {text} ...", file=sys.stderr, flush=True)
    began = time.monotonic()
    yield
    print(f"    done in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep two `make`s in one clone from installing over each other."""
    RUN.mkdir(exist_ok=True)
    with (RUN / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], advice: str) -> None:
    """Run a command in the repository, passing its output on only when it fails."""
    done = subprocess.run(command, cwd=ROOT, check=False, text=True, capture_output=True)
    if done.returncode != 0:
        raise SetupError(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}\n{advice}")


def _fingerprint(files: list[Path], *more: str) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    digest.update(
        "\n".join([*more, str(ROOT)]).encode()
    )  # a virtualenv breaks when its folder moves
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main() -> int:
    """Install what is asked for; say in words what is missing."""
    parser = argparse.ArgumentParser(prog="python3 -m dev.setup", description=__doc__)
    parser.add_argument("--node", action="store_true", help="node_modules, too")
    wanted = parser.parse_args()
    os.umask(0o022)
    try:
        with one_at_a_time():
            python_environment()
            if wanted.node:
                node_environment()
    except SetupError as error:
        print(f"set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up stopped; the next start goes on with it", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
