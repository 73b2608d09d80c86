"""`make deploy PROJECT=...`: functions, rules and indexes to a real Firebase project."""

from __future__ import annotations

import json
import subprocess
import sys

from dev.setup import FIREBASE, ROOT


def main(arguments: list[str]) -> int:
    """Deploy with firebase-tools; say in words what is missing."""
    if len(arguments) != 1:
        print("Which project? make deploy PROJECT=its-id", file=sys.stderr)
        return 2
    runtime = json.loads((ROOT / "firebase.json").read_text())["functions"][0]["runtime"]
    if runtime != f"python{sys.version_info.major}{sys.version_info.minor}":
        # firebase-tools runs that very Python in functions/venv to learn what there is to deploy.
        print(
            f"firebase.json deploys to {runtime}, and functions/venv has Python "
            f"{sys.version_info.major}.{sys.version_info.minor}.\n"
            f"Install that Python, then: make deploy PROJECT={arguments[0]} PYTHON=python3.13",
            file=sys.stderr,
        )
        return 2
    command = [str(FIREBASE), "deploy", "--only=functions,firestore", f"--project={arguments[0]}"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
