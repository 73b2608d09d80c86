"""The functions in this process, against the Firestore emulator and unsigned tokens."""

from __future__ import annotations

import io
import logging
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from google.cloud import firestore

from genquota.triggers import logs
from tests.functions.app import App
from tests.functions.captured_logs import CapturedLogs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Travel = Callable[[datetime], None]

NOBODY_LISTENS = "127.0.0.1:9"
"""The Auth emulator need not run: that it is named is what lets unsigned tokens pass."""

MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def project(firestore_host: str) -> Iterator[str]:
    """Run the module's tests in a project of its own. Users are what separates the tests."""
    assert firestore_host
    name = f"demo-{secrets.token_hex(6)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GCLOUD_PROJECT", name)
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", NOBODY_LISTENS)
        for variable in ("GOOGLE_CLOUD_PROJECT", "K_SERVICE", "FIREBASE_CONFIG", "TEST_CLOCK"):
            patch.delenv(variable, raising=False)
        yield name


@pytest.fixture(scope="module")
def db(project: str) -> Iterator[firestore.Client]:
    client = firestore.Client(project=project)
    yield client
    client.close()


@pytest.fixture(scope="module")
def deployment(project: str) -> App:
    """Give the module's functions; each is started when it is first called."""
    return App(project, "nobody")


@pytest.fixture
def app(deployment: App) -> App:
    """Give an app whose user has never called before."""
    return deployment.of(f"user-{secrets.token_hex(6)}")


@pytest.fixture
def travel(db: firestore.Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Travel]:
    """Stop the clock at a Monday in March 2027, and give a function that sets it."""
    monkeypatch.setenv("TEST_CLOCK", "true")
    now = db.document("testClock/now")

    def travel_to(at: datetime) -> None:
        now.set({"at": at})

    travel_to(MONDAY)
    yield travel_to
    now.delete()


@pytest.fixture(autouse=True)
def captured_logs() -> Iterator[CapturedLogs]:
    """Catch all that is logged: Genquota's lines, and the libraries' as the runtime shows them."""
    logs.configure()
    lines, others = io.StringIO(), io.StringIO()
    own, root = logging.getLogger("genquota").handlers[0], logging.getLogger()
    assert isinstance(own, logging.StreamHandler)
    before, level = own.setStream(lines), root.level
    beside = logging.StreamHandler(others)
    root.addHandler(beside)
    root.setLevel(logging.INFO)
    yield CapturedLogs(lines, others)
    root.setLevel(level)
    root.removeHandler(beside)
    own.setStream(before)
