"""The whole suite of emulators, and Node to play scenarios against it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import firebase_admin
import pytest
from google.cloud import firestore

from dev.plans import load_shipped_plans
from dev.suite import emulator_suite, free_ports
from tests.e2e.terminal import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.suite import Suite

Facts = dict[str, Any]

STARTS_AT = "2027-03-15T09:00:00Z"


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """Run the emulators with the functions in them on ports of their own; keep logs of failures."""
    with emulator_suite(f"demo-e2e-{secrets.token_hex(4)}", free_ports()) as suite:
        load_shipped_plans(suite)
        yield suite
    if not request.session.testsfailed:
        shutil.rmtree(suite.log.parent)


@pytest.fixture(scope="session")
def play(suite: Suite) -> Callable[..., Facts]:
    """Give a function that plays a scenario of play.mjs and returns its facts."""

    def play_it(scenario: str, starts_at: str = STARTS_AT) -> Facts:
        done = subprocess.run(
            ["node", Path(__file__).with_name("play.mjs"), scenario, starts_at],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, **suite.environment()},
        )
        assert done.returncode == 0, f"{done.stderr}\n{suite.log.read_text()[-3000:]}"
        facts: Facts = json.loads(done.stdout)
        return facts

    return play_it


@pytest.fixture(scope="module")
def operator(suite: Suite) -> Iterator[Operator]:
    """Give an operator of the suite's project; it is the morning of March 15, 2027."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in suite.environment().items():
            patch.setenv(name, value)
        app = firebase_admin.initialize_app(options={"projectId": suite.project})
        db = firestore.Client(project=suite.project)
        db.document("testClock/now").set({"at": datetime(2027, 3, 15, 9, tzinfo=UTC)})
        yield Operator(suite, db)
        db.document("testClock/now").delete()
        db.close()
        firebase_admin.delete_app(app)
