"""`make deploy PROJECT=...`: functions, rules and indexes to a real project; SITE=1: the web pages, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from dev.env_files import read_settings
from dev.setup import FIREBASE, ROOT, SetupError
from dev.site import build_site, serve_site


def main(arguments: list[str]) -> int:
    """Deploy with firebase-tools; say in words what is missing."""
    if len(arguments) != 1:
        print("Which project? make deploy PROJECT=its-id", file=sys.stderr)
        return 2
    project, shipped = arguments[0], json.loads((ROOT / "firebase.json").read_text())
    runtime = shipped["functions"][0]["runtime"]
    if runtime != f"python{sys.version_info.major}{sys.version_info.minor}":
        # firebase-tools runs that very Python in functions/venv to learn what there is to deploy.
        print(
            f"firebase.json deploys to {runtime}, and functions/venv has Python "
            f"{sys.version_info.major}.{sys.version_info.minor}.\n"
            f"Install that Python, then: make deploy PROJECT={project} PYTHON=python3.13",
            file=sys.stderr,
        )
        return 2
    command = [str(FIREBASE), "deploy", f"--project={project}"]
    if os.environ.get("SITE", "") in ("", "0"):
        return subprocess.run(
            [*command, "--only=functions,firestore"], cwd=ROOT, check=False
        ).returncode
    try:
        build_site()
        settings = read_settings(ROOT / "functions", project, emulated=False)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    serve_site(shipped["hosting"], settings.get("REGION", "us-central1"))
    config = ROOT / f".firebase-{project}.json"  # paths in it are relative to where it lies
    config.write_text(json.dumps(shipped))
    try:
        command += ["--only=functions,firestore,hosting", f"--config={config}"]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    finally:
        config.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
