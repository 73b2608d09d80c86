"""The Firestore client, and the RPCs that Genquota sends itself: reads, Commit and RunQuery.

Credentials, emulator, routing header, deadlines, retries and errors are the library's or as it has them. What
is left out are its wrappers of messages and its log of every call; see docs/decisions/0013-below-the-sdk.md.
"""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import grpc
from google.api_core import exceptions as gexc
from google.api_core.gapic_v1 import routing_header
from google.api_core.gapic_v1.client_info import ClientInfo
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore import Client, Query, __version__
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import Document, StructuredQuery
from google.cloud.firestore_v1.types import firestore as types
from grpc.experimental import ChannelOptions

from genquota.store.values import Message

T = TypeVar("T")

RPC_RETRY = Retry(
    predicate=if_exception_type(gexc.ServiceUnavailable),
    initial=0.05,
    maximum=1.0,
    multiplier=2.0,
    timeout=5.0,
)
RPC_TIMEOUT = 5.0
"""Seconds; the SDK's own defaults are up to 300."""

StoreError = gexc.GoogleAPICallError

OVERTAKEN = (gexc.FailedPrecondition, gexc.AlreadyExists, gexc.Aborted, gexc.NotFound)
"""How a commit says that what was read is no longer so."""

NO_ANSWER = (
    gexc.RetryError,
    gexc.ServiceUnavailable,
    gexc.DeadlineExceeded,
    gexc.GatewayTimeout,
    gexc.ResourceExhausted,
    gexc.TooManyRequests,
    gexc.InternalServerError,
    gexc.Cancelled,
)

CommitRequest: Callable[..., Message] = type(types.CommitRequest.pb(types.CommitRequest()))
_CommitResponse: Any = type(types.CommitResponse.pb(types.CommitResponse()))
_GetRequest: Any = type(types.GetDocumentRequest.pb(types.GetDocumentRequest()))
_GetResponse: Any = type(Document.pb(Document()))
_ReadRequest: Any = type(types.BatchGetDocumentsRequest.pb(types.BatchGetDocumentsRequest()))
_ReadResponse: Any = type(types.BatchGetDocumentsResponse.pb(types.BatchGetDocumentsResponse()))

_QueryRequest: Any = type(types.RunQueryRequest.pb(types.RunQueryRequest()))
_QueryResponse: Any = type(types.RunQueryResponse.pb(types.RunQueryResponse()))

_OPTIONS = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    (ChannelOptions.SingleThreadedUnaryStream, 1),
)
"""Those of the library, and the last."""

_SERVICE = "/google.firestore.v1.Firestore"
_LIBRARY = ClientInfo(gapic_version=__version__).to_grpc_metadata()  # type: ignore[no-untyped-call]


class FirestoreRpc:
    """What goes between one client and its database."""

    def __init__(self, db: Client, channel: Any) -> None:  # noqa: ANN401 - grpc ships no types
        self.database = str(db._database_string)  # noqa: SLF001 - see tests/emulator/test_rpc.py
        self.prefix = f"{self.database}/documents/"
        """Of the names of all documents."""
        routing = routing_header.to_grpc_metadata({"database": self.database})  # type: ignore[no-untyped-call]
        self._unrouted = (*db._rpc_metadata, _LIBRARY)  # noqa: SLF001
        self._metadata = (*self._unrouted, routing)
        self._commit = channel.unary_unary(
            f"{_SERVICE}/Commit",
            request_serializer=CommitRequest.SerializeToString,  # type: ignore[attr-defined]
            response_deserializer=_CommitResponse.FromString,
        )
        self._get = channel.unary_unary(
            f"{_SERVICE}/GetDocument",
            request_serializer=_GetRequest.SerializeToString,
            response_deserializer=_GetResponse.FromString,
        )
        self._read = channel.unary_stream(
            f"{_SERVICE}/BatchGetDocuments",
            request_serializer=_ReadRequest.SerializeToString,
            response_deserializer=_ReadResponse.FromString,
        )
        self._query = channel.unary_stream(
            f"{_SERVICE}/RunQuery",
            request_serializer=_QueryRequest.SerializeToString,
            response_deserializer=_QueryResponse.FromString,
        )

    def path_of(self, name: str) -> str:
        """Return the path of a document by its name."""
        return name[len(self.prefix) :]

    def read(self, names: Iterable[str], timeout: float | None = None) -> list[Message]:
        """Read documents by name: one answer each, in any order.

        Raises:
            GoogleAPICallError: There is no answer, or it says why not.
        """
        request = _ReadRequest(database=self.database, documents=names)
        return self._tried(
            lambda left: list(self._read(request, left, self._metadata)), timeout or RPC_TIMEOUT
        )

    def get(self, name: str) -> Message | None:
        """Read one document by name; None if there is none. When it was read, the store does not say.

        It takes two thirds of the time of `read`, for it is no stream.

        Raises:
            GoogleAPICallError: There is no answer, or it says why not.
        """
        request, metadata = _GetRequest(name=name), self._routed({"name": name})
        try:
            return self._tried(lambda left: self._get(request, left, metadata), RPC_TIMEOUT)
        except gexc.NotFound as missing:
            if name in str(missing.message):
                return None
            (answer,) = self.read([name])  # or is the database missing?
            return answer.found if answer.HasField("found") else None

    def query(
        self, query: Query, timeout: float, read_time: datetime | None = None
    ) -> list[Message]:
        """Find documents: one answer each, and perhaps some without a document.

        Args:
            query: With a limit, unless few are expected.
            timeout: Seconds.
            read_time: Find what there was then, at most an hour ago. None: what there is.

        Raises:
            GoogleAPICallError: There is no answer, or it says why not.
        """
        prepared, _, _ = query._prep_stream()  # noqa: SLF001
        request = _QueryRequest(
            parent=prepared["parent"],
            structured_query=StructuredQuery.pb(prepared["structured_query"]),
        )
        if read_time is not None:
            request.read_time.FromDatetime(read_time)
        metadata = self._routed({"parent": request.parent})
        return self._tried(lambda left: list(self._query(request, left, metadata)), timeout)

    def commit(self, request: Message) -> Message:
        """Write all or nothing; return the results.

        Raises:
            GoogleAPICallError: Nothing was written, or nobody knows whether it was.
        """
        return self._tried(lambda left: self._commit(request, left, self._metadata), RPC_TIMEOUT)

    def _routed(self, by: dict[str, str]) -> tuple[Any, ...]:
        routing = routing_header.to_grpc_metadata(by)  # type: ignore[no-untyped-call]
        return (*self._unrouted, routing)

    def _tried(self, call: Callable[[float], T], timeout: float) -> T:
        """Call until there is an answer, with the time that is left."""
        ends_at = time.monotonic() + timeout

        def attempt() -> T:
            try:
                return call(max(0.0, ends_at - time.monotonic()))
            except grpc.RpcError as error:
                raise gexc.from_grpc_error(error) from error  # type: ignore[no-untyped-call]

        return RPC_RETRY(attempt)()


def connect(db: Client) -> Any:  # noqa: ANN401 - grpc ships no types
    """Open a channel as the client does, but one whose streams are read by the thread that waits for them.

    Otherwise each read starts a thread.
    """
    if host := db._emulator_host:  # noqa: SLF001
        return grpc.insecure_channel(host, options=_OPTIONS)
    return FirestoreGrpcTransport.create_channel(
        db._target,  # noqa: SLF001
        credentials=db._credentials,  # noqa: SLF001
        options=_OPTIONS,
    )


_wires: WeakKeyDictionary[Client, FirestoreRpc] = WeakKeyDictionary()


def rpc_of(db: Client) -> FirestoreRpc:
    """Return the wire of a client, which is opened once."""
    found = _wires.get(db)
    if found is None:
        found = _wires[db] = FirestoreRpc(db, connect(db))
    return found


_lock = threading.Lock()


def client_of(project: str | None) -> Client:
    """Return the client of a project; its connection is opened with the first call."""
    with _lock:
        return _client(project)


@cache
def _client(project: str | None) -> Client:
    return Client(project=project)
