"""The calls below the library's convenience layer are those that it makes: path, headers, deadline."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.api_core import exceptions as gexc
from google.cloud import firestore

from genquota.store import rpc
from genquota.store.documents import document_data
from genquota.store.query import fetch_all
from genquota.store.rpc import RPC_RETRY, RPC_TIMEOUT
from genquota.store.transaction import Transaction
from tests.emulator.rpc_faults import cutting_reads, losing_commits
from tests.rpc_counter import QUERY, counting

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "users/ada"


class Recorder(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc] # grpc ships no types
    """Remembers the details of each call."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def intercept_unary_unary(self, send: Any, details: Any, request: Any) -> Any:  # noqa: ANN401
        self.calls.append(details)
        return send(details, request)

    intercept_unary_stream = intercept_unary_unary


@pytest.fixture
def recorded(firestore_host: str, project: str) -> Iterator[tuple[firestore.Client, Recorder]]:
    assert firestore_host
    client, recorder = firestore.Client(project=project), Recorder()
    connect: Any = client._emulator_channel
    vars(client)["_emulator_channel"] = lambda transport: grpc.intercept_channel(
        connect(transport), recorder
    )
    channel = grpc.intercept_channel(rpc.connect(client), recorder)
    rpc._wires[client] = rpc.FirestoreRpc(client, channel)
    yield client, recorder
    client.close()


def test_method_headers_and_deadline_are_the_librarys(
    recorded: tuple[firestore.Client, Recorder],
) -> None:
    db, recorder = recorded
    db.document(PATH).set({"role": "user"}, retry=RPC_RETRY, timeout=RPC_TIMEOUT)
    list(db.get_all([db.document(PATH)], retry=RPC_RETRY, timeout=RPC_TIMEOUT))
    db._firestore_api.get_document(
        {"name": db.document(PATH)._document_path},
        retry=RPC_RETRY,
        timeout=RPC_TIMEOUT,
        metadata=db._rpc_metadata,
    )
    theirs, recorder.calls = recorder.calls, []
    transaction = Transaction(db)
    transaction.put(PATH, {"role": "user"})
    transaction.commit()
    transaction.with_read_time = True
    transaction.read([PATH])
    transaction.with_read_time = False
    transaction.read([PATH])
    for our, their in zip(recorder.calls, theirs, strict=True):
        assert our.method == their.method
        assert dict(our.metadata).keys() == dict(their.metadata).keys()
        for name in ("google-cloud-resource-prefix", "x-goog-request-params", "authorization"):
            assert dict(our.metadata)[name] == dict(their.metadata)[name]
        assert our.timeout == pytest.approx(their.timeout, abs=0.1)


def test_a_client_has_one_wire_as_long_as_it_lives(db: firestore.Client) -> None:
    assert rpc.rpc_of(db) is rpc.rpc_of(db)
    other = firestore.Client(project=db.project)
    wire = weakref.ref(rpc.rpc_of(other))
    assert wire() is not None
    del other
    gc.collect()
    assert wire() is None


def test_missing_documents_and_found_ones_come_by_path(db: firestore.Client) -> None:
    db.document(PATH).set({"role": "user", "quota": {"n": 1}})
    found = Transaction(db).read([PATH, "users/nobody"])
    assert document_data(found[PATH]) == {"role": "user", "quota": {"n": 1}}
    theirs = db.document(PATH).get()
    ours = found[PATH]
    assert (ours.id, ours.reference, ours.exists) == (theirs.id, theirs.reference, theirs.exists)
    assert (ours.create_time, ours.update_time) == (theirs.create_time, theirs.update_time)
    assert ours.read_time <= theirs.read_time
    assert ours.to_dict() == theirs.to_dict()
    assert ours.get("quota.n") == theirs.get("quota.n")
    nobody = found["users/nobody"]
    assert (nobody.exists, nobody.to_dict(), nobody.update_time) == (False, None, None)


def test_a_lone_document_is_read_without_a_stream_unless_it_matters_when(
    db: firestore.Client,
) -> None:
    db.document(PATH).set({"role": "user", "quota": {"n": 1}})
    theirs = db.document(PATH).get()
    with counting(db) as calls:
        transaction = Transaction(db)
        ours = transaction.read([PATH])[PATH]
        nobody = transaction.read(["users/nobody"])["users/nobody"]
    assert (calls.read_rpcs, calls.documents_read, calls.others) == (2, 2, {})
    assert (ours.to_dict(), ours.update_time) == (theirs.to_dict(), theirs.update_time)
    assert (nobody.exists, nobody.to_dict()) == (False, None)
    with pytest.raises(ValueError, match="with_read_time"):
        _ = ours.read_time
    transaction.with_read_time = True
    assert transaction.read([PATH])[PATH].read_time >= theirs.read_time


def test_a_read_that_is_cut_off_in_the_middle_is_asked_again(db: firestore.Client) -> None:
    db.document(PATH).set({"role": "user"})
    with counting(db) as calls, cutting_reads(db):
        found = Transaction(db).read([PATH, "users/nobody"])
    assert {path: each.exists for path, each in found.items()} == {
        PATH: True,
        "users/nobody": False,
    }
    assert calls.read_rpcs == 2


def test_a_query_that_is_cut_off_in_the_middle_is_asked_again_and_finds_each_once(
    db: firestore.Client,
) -> None:
    for number in range(5):
        db.document(f"users/user-{number}").set({"number": number})
    query = db.collection("users").order_by("number")
    with counting(db) as calls, cutting_reads(db, times=2, skip=3, rpc=QUERY):
        found = fetch_all(query)
    assert [each.id for each in found] == [f"user-{number}" for number in range(5)]
    assert calls.queries == 3


def test_errors_are_the_librarys(db: firestore.Client) -> None:
    with pytest.raises(gexc.NotFound):
        _update_nobody(db)
    with (
        losing_commits(db, grpc.StatusCode.DEADLINE_EXCEEDED),
        pytest.raises(gexc.DeadlineExceeded),
    ):
        _update_nobody(db)


def _update_nobody(db: firestore.Client) -> None:
    transaction = Transaction(db)
    transaction.update("users/nobody", {"role": "user"})
    transaction.commit()
