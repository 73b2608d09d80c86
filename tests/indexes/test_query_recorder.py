"""That nothing our code asks or writes escapes the recorder, on a real channel to the emulator."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.jobs.due_users import Due, due_users
from tests.indexes.recordings import Recordings
from tests.indexes.shapes import Shape
from tests.query_recorder import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Listening = Callable[[Path], tuple[firestore.Client, Recordings]]

THIS_FOLDER = Path(__file__).parent
DUE_TO_ROLL = Shape("users", order=(("quota.rollAt", "ASCENDING"),))


@pytest.fixture
def listening(
    firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Listening]:
    """Give a way to a client whose calls are heard if they come from code in a folder."""
    assert firestore_host
    clients = []
    connect = grpc.insecure_channel

    def start(code: Path) -> tuple[firestore.Client, Recordings]:
        listener = Listener(Recordings(), code)
        monkeypatch.setattr(
            grpc, "insecure_channel", lambda *a, **k: listener.listen_on(connect(*a, **k))
        )
        client = firestore.Client(project=project)
        clients.append(client)
        return client, listener.recordings

    yield start
    for client in clients:
        client.close()


def test_a_streamed_query_is_recorded_with_its_maker(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER)
    assert list(db.collection("users").order_by("quota.rollAt").stream()) == []
    assert recordings.makers == {
        DUE_TO_ROLL: {
            "test_query_recorder.py:test_a_streamed_query_is_recorded_with_its_maker",
        }
    }


def test_a_query_got_at_once_is_recorded(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER)
    db.collection("plans").where(filter=FieldFilter("name", "==", "Free")).get()
    assert list(recordings.makers) == [Shape("plans", equal=frozenset({"name"}))]


def test_a_count_is_recorded_like_its_query(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER)
    query = db.collection("users").where(filter=FieldFilter("role", "==", "admin"))
    assert len(list(query.count().stream())) == 1  # type: ignore[call-arg] # annotated as a class
    assert list(recordings.makers) == [Shape("users", equal=frozenset({"role"}))]


def test_a_query_in_a_transaction_is_recorded(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER)

    @firestore.transactional
    def look(transaction: firestore.Transaction) -> None:
        query = db.collection("users").where(filter=FieldFilter("role", "==", "admin"))
        assert list(query.stream(transaction=transaction)) == []

    look(db.transaction())
    assert list(recordings.makers) == [Shape("users", equal=frozenset({"role"}))]


def test_what_the_check_does_not_understand_is_recorded_as_such(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER)
    list(db.collection("users").sum("generatedCount").stream())
    assert recordings.makers == {}
    assert len(recordings.not_modelled) == 1


def test_written_fields_are_recorded_by_collection(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER)
    user = db.document("users/alice")
    user.set({"quota": {"holds": {}}, "email": "a@example.com"})
    batch = db.batch()
    batch.update(user, {"quota.holds.g1": "x", "generatedCount": firestore.Increment(1)})
    batch.set(user.collection("windows").document("w"), {"used": 3})
    batch.commit()
    user.delete()
    assert recordings.written == {
        "users": {"quota", "email", "generatedCount"},
        "windows": {"used"},
    }


def test_what_a_test_asks_for_itself_is_not_recorded(listening: Listening) -> None:
    db, recordings = listening(THIS_FOLDER / "elsewhere")
    db.document("users/alice").set({"email": "a@example.com"})
    db.collection("users").order_by("email").get()
    assert recordings == Recordings()


def test_the_plugin_listens_to_the_clients_of_all_tests(
    db: firestore.Client, request: pytest.FixtureRequest
) -> None:
    recorder = request.config.pluginmanager.get_plugin("query-recorder")
    assert recorder is not None, "tests/conftest.py must name the plugin tests.query_recorder"
    heard_before = dict(recorder.recordings.makers)
    recorder.recordings.makers.clear()
    due_users(db, Due.ROLL, datetime(2026, 11, 20, tzinfo=UTC), 10, None)
    heard_now = dict(recorder.recordings.makers)
    recorder.recordings.makers.clear()  # what is asked here for proof is asked by no use-case
    recorder.recordings.makers.update(heard_before)
    assert heard_now.keys() == {DUE_TO_ROLL}
    assert {"store/jobs/due_users.py:due_users", "store/query.py:fetch_all"} <= heard_now[
        DUE_TO_ROLL
    ]
