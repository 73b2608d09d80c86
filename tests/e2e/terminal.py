"""An operator at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from dev.setup import ROOT

if TYPE_CHECKING:
    from google.cloud import firestore

    from dev.suite import Suite


class Operator:
    """Runs commands, and looks into the database."""

    def __init__(self, suite: Suite, db: firestore.Client) -> None:
        self.suite, self.db = suite, db

    def run(self, *words: str, **env: str) -> tuple[int, str]:
        """Run a command; return its exit code and all that it said."""
        done = subprocess.run(
            [sys.executable, "-m", "ops", *words],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **self.suite.environment(), **env},
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr

    def ok(self, *words: str, **env: str) -> str:
        code, output = self.run(*words, **env)
        assert code == 0, output
        return output

    def read(self, path: str) -> dict[str, Any]:
        return self.db.document(path).get().to_dict() or {}
