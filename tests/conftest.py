"""What every test above the unit level stands on: a Firestore emulator, and a project in it."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

import pytest

from dev.emulators import firestore_emulator
from dev.java import SHORT_RUN
from tests.features import all_features, features_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud import firestore

pytest_plugins = ("tests.query_recorder",)


def pytest_configure(config: pytest.Config) -> None:
    for feature in sorted(all_features()):
        config.addinivalue_line("markers", f"{feature}: see tests/features.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for feature in features_of(item.path.parent.name, item.path.stem.removeprefix("test_")):
            item.add_marker(feature)


@pytest.fixture(scope="session")
def firestore_host() -> Iterator[str]:
    """Give `host:port` of the emulator that the environment names, or of the session's own."""
    if already := os.environ.get("FIRESTORE_EMULATOR_HOST"):
        yield already
        return
    with firestore_emulator(*SHORT_RUN) as host, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", host)
        _exchange_first_words()
        yield host


def _exchange_first_words() -> None:
    """Wait for the emulator's first answers: a busy machine takes longer than a call would wait."""
    from google.cloud import firestore  # noqa: PLC0415 - unit tests need not wait for it

    with contextlib.closing(firestore.Client(project="demo-warm")) as client:
        document = client.document("first/words")
        document.create({"n": 1}, timeout=60)
        document.update({"n": 2}, timeout=60)
        assert list(client.get_all([document], timeout=60))
        document.delete(timeout=60)


@pytest.fixture
def project() -> str:
    """Give a project id that no other test uses: in the emulator that is a database of its own."""
    return f"demo-{secrets.token_hex(6)}"


@pytest.fixture
def db(firestore_host: str, project: str) -> Iterator[firestore.Client]:
    """Give a Firestore client of the test's own project."""
    from google.cloud import firestore  # noqa: PLC0415 - unit tests need not wait for it

    assert firestore_host
    client = firestore.Client(project=project)
    yield client
    client.close()
