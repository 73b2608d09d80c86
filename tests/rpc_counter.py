"""Count what a Firestore client sends: RPCs, and the documents that are billed for.

    with counting(db) as calls:
        check_limit(context, caller, None, Ask())
    assert calls == Calls(read_rpcs=1, documents_read=2)

It listens on the client's gRPC channel, so it hears retries too, and hears them whatever layer of the
client library the code uses. Only clients of an emulator can be listened to. The first `counting` of a
client connects it anew; counting again costs nothing. Threads may share a client: their calls add up.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import grpc
from google.cloud.firestore_v1.types import firestore as types

from genquota.store import rpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

READ, COMMIT, QUERY = "BatchGetDocuments", "Commit", "RunQuery"
_GET = "GetDocument"
"""Is heard as the read of one document that it is."""


class Listener(Protocol):
    """Who wants to know what goes over the wire. What they raise is what the caller gets."""

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401 - grpc ships no types
        """Hear a request before it is sent."""

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        """Hear a response (of a stream, each) before it is handed on."""


@dataclass
class Calls:
    """What was sent, retries included."""

    read_rpcs: int = 0
    documents_read: int = 0
    """Asked for; a missing document is billed like one that is there."""
    commits: int = 0
    """Sent, whether or not they were taken."""
    writes: int = 0
    """Documents written by the commits that were taken; two writes of one document count twice."""
    queries: int = 0
    query_results: int = 0
    others: dict[str, int] = field(default_factory=dict)
    """Any other RPCs, by name."""
    read_paths: list[str] = field(default_factory=list, compare=False)
    """Documents asked for, in order."""
    written_paths: list[str] = field(default_factory=list, compare=False)
    """Documents written, in order."""
    commit_bytes: int = field(default=0, compare=False)
    """Size of all commits sent."""

    @property
    def billed_reads(self) -> int:
        """Document reads as Firestore counts them, if no query was empty."""
        return self.documents_read + max(self.query_results, self.queries)

    @property
    def rpcs(self) -> int:
        return self.read_rpcs + self.commits + self.queries + sum(self.others.values())


class _Counter:
    def __init__(self) -> None:
        self.calls = Calls()
        self._lock = threading.Lock()

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401
        calls = self.calls
        with self._lock:
            if rpc == READ:
                calls.read_rpcs += 1
                calls.documents_read += len(request.documents)
                calls.read_paths += map(_path, request.documents)
            elif rpc == COMMIT:
                calls.commits += 1
                calls.commit_bytes += request.ByteSize()
            elif rpc == QUERY:
                calls.queries += 1
            else:
                calls.others[rpc] = calls.others.get(rpc, 0) + 1

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        with self._lock:
            if rpc == COMMIT:
                self.calls.writes += len(request.writes)
                self.calls.written_paths += map(path_of_write, request.writes)
            elif rpc == QUERY and response.document.name:
                self.calls.query_results += 1


@contextmanager
def counting(client: Client) -> Iterator[Calls]:
    """Count what a client sends for the length of a `with` block."""
    counter = _Counter()
    with listening(client, counter):
        yield counter.calls


@contextmanager
def listening(client: Client, listener: Listener) -> Iterator[None]:
    """Let somebody hear all that a client sends for the length of a `with` block."""
    listeners = _wires.setdefault(client, [])
    if not listeners and "_emulator_channel" not in vars(client):
        _tap(client, listeners)
    listeners.append(listener)
    try:
        yield
    finally:
        listeners.remove(listener)


def path_of_write(write: Any) -> str:  # noqa: ANN401
    """Return the path of the document that a write of a commit is about."""
    return _path(write.update.name or write.delete or write.transform.document)


def _path(name: str) -> str:
    return name.partition("/documents/")[2]


_wires: WeakKeyDictionary[Client, list[Listener]] = WeakKeyDictionary()


def _tap(client: Client, listeners: list[Listener]) -> None:
    """Put the listeners on the channel that the client will open, and let it open one."""
    if client._emulator_host is None:
        raise ValueError("only clients of an emulator can be listened to")
    connect: Any = client._emulator_channel
    if client._firestore_api_internal is not None:
        client.close()
        client._firestore_api_internal = None
    interceptor = _Interceptor(listeners)

    def connect_and_listen(transport: Any) -> Any:  # noqa: ANN401
        return grpc.intercept_channel(connect(transport), interceptor)

    vars(client)["_emulator_channel"] = connect_and_listen
    channel = grpc.intercept_channel(rpc.connect(client), interceptor)
    rpc._wires[client] = rpc.FirestoreRpc(client, channel)  # Genquota's own calls go another way


class _Interceptor(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc] # grpc ships no types
    def __init__(self, listeners: list[Listener]) -> None:
        self._listeners = listeners

    def intercept_unary_unary(self, send: Any, details: Any, request: Any) -> Any:  # noqa: ANN401
        rpc = self._before(details, request)
        call = send(details, request)
        if call.exception() is None:
            self._after(rpc, request, call.result())
        return call

    def intercept_unary_stream(self, send: Any, details: Any, request: Any) -> Any:  # noqa: ANN401
        rpc = self._before(details, request)
        return _Stream(send(details, request), lambda response: self._after(rpc, request, response))

    def _before(self, details: Any, request: Any) -> str:  # noqa: ANN401
        rpc = str(details.method).rpartition("/")[2]
        rpc = READ if rpc == _GET else rpc
        for listener in tuple(self._listeners):
            listener.before(rpc, _bare(request))
        return rpc

    def _after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        for listener in tuple(self._listeners):
            listener.after(rpc, _bare(request), _bare(response))


def _bare(message: Any) -> Any:  # noqa: ANN401
    """Return a message without the wrapper that the library's convenience layer puts around it."""
    bare = getattr(message, "_pb", message)
    if bare.DESCRIPTOR.name == f"{_GET}Request":
        return types.BatchGetDocumentsRequest.pb(
            types.BatchGetDocumentsRequest(documents=[bare.name])
        )
    return bare


class _Stream:
    """A streaming call whose responses are heard as they are taken."""

    def __init__(self, call: Any, hear: Any) -> None:  # noqa: ANN401
        self._call = call
        self._hear = hear

    def __iter__(self) -> _Stream:
        return self

    def __next__(self) -> Any:  # noqa: ANN401
        response = next(self._call)
        self._hear(response)
        return response

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._call, name)
