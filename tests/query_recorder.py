"""A pytest plugin that writes down every query and every written field of our code.

It listens on the gRPC channel, below whatever layer of the client library the code uses, and counts
only calls with our code on the stack: what tests ask for themselves needs no index. The recordings
go to `.run/queries/`; `python -m pytest tests/indexes` compares them with firestore.indexes.json.
"""

from __future__ import annotations

import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.indexes.recordings import CODE, ROOT, Recordings, save
from tests.indexes.shapes import NotModelled, Shape, shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

_QUERIES = {
    "/google.firestore.v1.Firestore/RunQuery",
    "/google.firestore.v1.Firestore/RunAggregationQuery",
    "/google.firestore.v1.Firestore/PartitionQuery",
    "/google.firestore.v1.Firestore/Listen",
    "/google.firestore.v1.Firestore/ExecutePipeline",
}
_COMMITS = {"/google.firestore.v1.Firestore/Commit", "/google.firestore.v1.Firestore/BatchWrite"}


class Listener:
    """Hears every call on a channel."""

    def __init__(self, recordings: Recordings, code: Path = CODE) -> None:
        self.recordings = recordings
        self._places = cache(partial(_place, str(code)))

    def listen_on(self, channel: Any) -> Any:  # noqa: ANN401 - grpc ships no types
        """Return the channel with this listener on it.

        An interceptor of grpc's would do, but it makes each call dearer, and tests make very many.
        """
        for kind in ("unary_unary", "unary_stream"):
            setattr(channel, kind, partial(self._call_of, getattr(channel, kind)))
        return channel

    def _call_of(
        self, make: Callable[..., Any], method: str, *args: object, **options: object
    ) -> Any:  # noqa: ANN401
        call = make(method, *args, **options)
        return _HeardCall(call, method, self._hear) if method in _QUERIES | _COMMITS else call

    def _hear(self, method: str, request: Any) -> None:  # noqa: ANN401
        if makers := set(self._on_the_stack()):
            if method in _QUERIES:
                self._hear_query(method, request, makers)
            else:
                for write in request.writes:
                    self._hear_write(write)

    def _hear_query(self, method: str, request: Any, makers: set[str]) -> None:  # noqa: ANN401
        try:
            shape = _shape(method, request)
        except NotModelled as error:
            self.recordings.not_modelled.add(f"{error} ({', '.join(sorted(makers))})")
        else:
            self.recordings.add_query(shape, makers)

    def _hear_write(self, write: Any) -> None:  # noqa: ANN401
        name = write.update.name or write.transform.document
        if not name:
            return  # a delete
        paths = {*write.update.fields, *(each.field_path for each in write.update_transforms)}
        collection = name.split("/")[-2]
        self.recordings.add_written(collection, {path.partition(".")[0] for path in paths})

    def _on_the_stack(self) -> Iterator[str]:
        frame = sys._getframe(1)
        while frame is not None:
            if place := self._places(frame.f_code):
                yield place
            frame = frame.f_back  # type: ignore[assignment]


class _HeardCall:
    """A method of a service; each of its requests is heard."""

    def __init__(self, call: Any, method: str, hear: Callable[[str, Any], None]) -> None:  # noqa: ANN401
        self._call, self._method, self._hear = call, method, hear

    def __call__(self, request: Any, *args: object, **options: object) -> Any:  # noqa: ANN401
        self._hear(self._method, request)
        return self._call(request, *args, **options)

    def with_call(self, request: Any, *args: object, **options: object) -> Any:  # noqa: ANN401
        self._hear(self._method, request)
        return self._call.with_call(request, *args, **options)


def _place(root: str, code: CodeType) -> str | None:
    """Return the file and the function of a piece of code below `root`."""
    file = code.co_filename
    if not file.startswith(root):
        return None
    return f"{Path(file).relative_to(root).as_posix()}:{code.co_name}"


def _shape(method: str, request: Any) -> Shape:  # noqa: ANN401
    if method.endswith("/RunQuery"):
        from google.cloud.firestore_v1.types import RunQueryRequest  # noqa: PLC0415 - as above

        is_wrapped = isinstance(request, RunQueryRequest)
        return shape_of((request if is_wrapped else RunQueryRequest.wrap(request)).structured_query)
    if method.endswith("/RunAggregationQuery"):
        counting = request.structured_aggregation_query
        if all("count" in each for each in counting.aggregations):
            return shape_of(counting.structured_query)
    raise NotModelled(method)


class Recorder:
    """Listens from the moment that a test asks for the emulator, and saves at the end."""

    def __init__(self) -> None:
        self.recordings = Recordings()
        self.patch = pytest.MonkeyPatch()
        self.is_listening = False
        self.is_partial = False
        self.files: dict[str, set[Path]] = {}

    def pytest_deselected(self) -> None:
        self.is_partial = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.is_partial |= any("::" in arg for arg in session.config.args)
        for item in session.items:
            place = item.path.relative_to(ROOT).parts
            if place[0] == "tests" and len(place) > 2:
                self.files.setdefault(place[1], set()).add(item.path)

    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> None:
        if fixturedef.argname == "firestore_host" and not self.is_listening:
            import grpc  # noqa: PLC0415

            self.is_listening = True
            listener, connect = Listener(self.recordings), grpc.insecure_channel
            self.patch.setattr(
                grpc, "insecure_channel", lambda *a, **k: listener.listen_on(connect(*a, **k))
            )

    def pytest_sessionfinish(self) -> None:
        self.patch.undo()
        self.save()

    def save(self) -> None:
        """Leave behind what was heard so far."""
        for suite, files in self.files.items():
            if not self.is_partial and files >= set((ROOT / "tests" / suite).glob("test_*.py")):
                self.recordings.suites.add(suite)
        if self.is_listening:
            save(self.recordings)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Recorder(), "query-recorder")
