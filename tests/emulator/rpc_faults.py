"""Faults of RPCs, injected on a real channel to a real store.

with losing_answers(db): ...       # the next commit is applied, its answer gets lost
with overtaking(db, write): ...    # somebody else writes between the next read and its commit
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc

from tests.rpc_counter import COMMIT, READ, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud.firestore import Client


class BrokenRpc(grpc.RpcError):  # type: ignore[misc] # grpc ships no types
    """What a client sees of a call that the network or the server broke off."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code)
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "broken off by a test"

    def trailing_metadata(self) -> tuple[()]:
        return ()

    # The interceptor of the client library takes what is raised below it for the call itself.
    def result(self) -> None:
        raise self

    def exception(self) -> BrokenRpc:
        return self


class _Fault:
    """Does something at the first so many RPCs of a kind."""

    def __init__(
        self, rpc: str, times: int, do: Callable[[], None], *, after: bool, skip: int = 0
    ) -> None:
        self._rpc = rpc
        self._skip = skip
        self._left = times
        self._do = do
        self._is_after = after
        self._lock = threading.Lock()

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401, ARG002 - a listener's signature
        self._perhaps(rpc, is_after=False)

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401, ARG002
        self._perhaps(rpc, is_after=True)

    def _perhaps(self, rpc: str, *, is_after: bool) -> None:
        if rpc != self._rpc or is_after != self._is_after:
            return
        with self._lock:
            if self._skip:
                self._skip -= 1
                return
            if not self._left:
                return
            self._left -= 1
        self._do()


def _break(code: grpc.StatusCode) -> Callable[[], None]:
    def do() -> None:
        raise BrokenRpc(code)

    return do


@contextmanager
def losing_answers(
    db: Client, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE, times: int = 1
) -> Iterator[None]:
    """Let the next commits be applied, and their answers get lost."""
    with listening(db, _Fault(COMMIT, times, _break(code), after=True)):
        yield


@contextmanager
def losing_commits(
    db: Client, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE, times: int = 1
) -> Iterator[None]:
    """Let the next commits get lost on their way."""
    with listening(db, _Fault(COMMIT, times, _break(code), after=False)):
        yield


@contextmanager
def losing_reads(
    db: Client, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE, times: int = 1
) -> Iterator[None]:
    """Let the next reads get lost on their way."""
    with listening(db, _Fault(READ, times, _break(code), after=False)):
        yield


@contextmanager
def cutting_reads(
    db: Client,
    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE,
    times: int = 1,
    skip: int = 1,
    rpc: str = READ,
) -> Iterator[None]:
    """Break the stream of the next reads (or queries) off when some documents have come."""
    with listening(db, _Fault(rpc, times, _break(code), after=True, skip=skip)):
        yield


def _as_somebody_else(write: Callable[[], object]) -> None:
    """Write in a thread of its own, as another caller does, and wait for it."""
    with ThreadPoolExecutor(1) as other:
        other.submit(write).result()


@contextmanager
def overtaking(
    db: Client, write: Callable[[], object], times: int = 1, skip: int = 0
) -> Iterator[None]:
    """Let somebody else write (through another client) when the next commits are about to be sent.

    The first ``skip`` commits are let pass.
    """

    def do() -> None:
        _as_somebody_else(write)

    with listening(db, _Fault(COMMIT, times, do, after=False, skip=skip)):
        yield


@contextmanager
def before_rpc(db: Client, rpc: str, write: Callable[[], object], skip: int) -> Iterator[None]:
    """Let somebody else write before an RPC of a kind is sent; the first ``skip`` are let pass."""

    def do() -> None:
        _as_somebody_else(write)

    with listening(db, _Fault(rpc, 1, do, after=False, skip=skip)):
        yield


@contextmanager
def between_reads(db: Client, write: Callable[[], object]) -> Iterator[None]:
    """Let somebody else write between the first and the second read of a call that reads twice."""

    def do() -> None:
        _as_somebody_else(write)

    with listening(db, _Fault(READ, 1, do, after=False, skip=1)):
        yield
