"""The two RPCs of every request, on the client's own channel: BatchGetDocuments and Commit.

Credentials, emulator, routing header, deadlines, retries and errors are the library's or as it has them. What
is left out are its wrappers of messages and its log of every call; see docs/decisions/0013-below-the-sdk.md.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import grpc
from google.api_core import exceptions as gexc
from google.api_core.gapic_v1 import routing_header
from google.api_core.gapic_v1.client_info import ClientInfo
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore import Client, __version__
from google.cloud.firestore_v1.types import firestore as types

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
_ReadRequest: Any = type(types.BatchGetDocumentsRequest.pb(types.BatchGetDocumentsRequest()))
_ReadResponse: Any = type(types.BatchGetDocumentsResponse.pb(types.BatchGetDocumentsResponse()))

_SERVICE = "/google.firestore.v1.Firestore"
_LIBRARY = ClientInfo(gapic_version=__version__).to_grpc_metadata()  # type: ignore[no-untyped-call]


class Wire:
    """What goes between one client and its database."""

    def __init__(self, db: Client) -> None:
        self.database = str(db._database_string)  # noqa: SLF001 - see tests/unit/test_rpc.py
        self.prefix = f"{self.database}/documents/"
        """Of the names of all documents."""
        routing = routing_header.to_grpc_metadata({"database": self.database})  # type: ignore[no-untyped-call]
        self._metadata = (*db._rpc_metadata, routing, _LIBRARY)  # noqa: SLF001
        channel = db._firestore_api.transport.grpc_channel  # noqa: SLF001
        self._commit = channel.unary_unary(
            f"{_SERVICE}/Commit",
            request_serializer=CommitRequest.SerializeToString,  # type: ignore[attr-defined]
            response_deserializer=_CommitResponse.FromString,
        )
        self._read = channel.unary_stream(
            f"{_SERVICE}/BatchGetDocuments",
            request_serializer=_ReadRequest.SerializeToString,
            response_deserializer=_ReadResponse.FromString,
        )

    def read(self, names: Iterable[str], timeout: float | None = None) -> list[Message]:
        """Read documents by name: one answer each, in any order.

        Raises:
            GoogleAPICallError: There is no answer, or it says why not.
        """
        request = _ReadRequest(database=self.database, documents=names)
        return self._tried(
            lambda left: list(self._read(request, left, self._metadata)), timeout or RPC_TIMEOUT
        )

    def commit(self, request: Message) -> Message:
        """Write all or nothing; return the results.

        Raises:
            GoogleAPICallError: Nothing was written, or nobody knows whether it was.
        """
        return self._tried(lambda left: self._commit(request, left, self._metadata), RPC_TIMEOUT)

    def _tried(self, call: Callable[[float], T], timeout: float) -> T:
        """Call until there is an answer, with the time that is left."""
        ends_at = time.monotonic() + timeout

        def attempt() -> T:
            try:
                return call(max(0.0, ends_at - time.monotonic()))
            except grpc.RpcError as error:
                raise gexc.from_grpc_error(error) from error  # type: ignore[no-untyped-call]

        return RPC_RETRY(attempt)()


_wires: WeakKeyDictionary[Client, tuple[Any, Wire]] = WeakKeyDictionary()


def wire_of(db: Client) -> Wire:
    """Return the wire of a client; it is opened once."""
    api = db._firestore_api  # noqa: SLF001
    found = _wires.get(db)
    if found is None or found[0] is not api:
        found = _wires[db] = (api, Wire(db))
    return found[1]
