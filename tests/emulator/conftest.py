"""An environment for each test, further instances of it, and ways to break it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore

from genquota.store import transaction, turns

pytest.register_assert_rewrite("tests.emulator.counter_checks")

from tests.emulator.environment import NOON, Environment  # noqa: E402 - what it imports explains its assertions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def env(db: firestore.Client) -> Environment:
    """Give an empty database at 2027-03-15 09:00 UTC; plans are read anew on each call."""
    return Environment(db)


@pytest.fixture
def new_client(firestore_host: str, project: str) -> Iterator[Callable[[], firestore.Client]]:
    """Give a way to further clients of the test's project."""
    assert firestore_host
    clients: list[firestore.Client] = []

    def connect() -> firestore.Client:
        clients.append(firestore.Client(project=project))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def other(env: Environment, new_client: Callable[[], firestore.Client]) -> Environment:
    """Give a second instance over the test's database: its own client, plan cache and clock."""
    return env.through(new_client())


@pytest.fixture
def now(env: Environment, monkeypatch: pytest.MonkeyPatch, project: str) -> Environment:
    """Give an environment whose time, noon, is that of calls in process too; plans are read on each call."""
    monkeypatch.setenv("GCLOUD_PROJECT", project)
    monkeypatch.setenv("PLAN_CACHE_SECONDS", "0")
    monkeypatch.setenv("TEST_CLOCK", "true")
    env.travel(NOON)
    return env


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give transactions time on a busy machine. How long they take on a quiet one is measured in bench/."""
    monkeypatch.setattr(transaction, "PATIENCE", timedelta(seconds=60))


class _OpenLane(turns.TurnQueue[Any]):
    """A turn that everybody has at once."""

    def acquire(self, name: str | None, timeout: float) -> bool:
        del name, timeout
        return True


@pytest.fixture
def without_lock_stripes(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:
    """Let callers of one user trample each other, as those of many instances do."""
    del patient
    monkeypatch.setattr(turns, "_QUEUES", (_OpenLane(),))
