"""Snapshots of documents: the library's, or the same with values that were read directly.

And times: as the library gives them, and the current one, which in time travel is a document's.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot

from genquota.domain.records import dataclass
from genquota.store.values import Message, read_fields

_TEST_CLOCK = "testClock/now"

Snapshot = DocumentSnapshot[Any]

Fields = Mapping[str, Any]
"""Values by field path (dotted), or as they stand in a document."""

NOT_UNDERSTOOD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What a document raises that was edited into something else than what Genquota wrote."""


def document_data(snapshot: Snapshot) -> Fields:
    """Return a document as it was read, empty if there is none. To be looked at, never changed.

    The SDK's public `to_dict` copies every value, which took longer than understanding the document.
    """
    return snapshot._data or {}  # noqa: SLF001


def to_utc_datetime(value: datetime) -> datetime:
    """Return a Firestore timestamp as an ordinary datetime, which alone can be changed and written back."""
    at = value.astimezone(UTC)
    return datetime(
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC
    )


def exact_time(at: Message) -> datetime:
    """Return a time as the library gives it: to the nanosecond, so that it can be a precondition."""
    time: datetime = DatetimeWithNanoseconds.from_timestamp_pb(at)  # type: ignore[no-untyped-call]
    return time


def time_of(seen: Snapshot | datetime) -> Message:
    """Return when a document was last written, as a message: by a snapshot, or by the library's own time."""
    if isinstance(seen, ReadDocument):
        return seen.raw_update_time
    at: Any = seen if isinstance(seen, datetime) else seen.update_time
    return at.timestamp_pb()


class ReadDocument(DocumentSnapshot[Any]):
    """A snapshot made from a message, without copies of its values; the rest is made when it is asked for."""

    def __init__(
        self, db: Client, path: str, found: Message | None, read_time: Message | None
    ) -> None:
        """Read a message: a document, or that there is none at a path."""
        self._db, self._path, self._found, self._read_time = db, path, found, read_time
        self._exists = found is not None
        self._data = read_fields(found.fields) if found is not None else None

    @property
    def id(self) -> str:
        return self._path.rpartition("/")[2]

    @property
    def path(self) -> str:
        return self._path

    @property
    def reference(self) -> DocumentReference:
        return self._db.document(self._path)

    @property
    def _reference(self) -> DocumentReference:
        return self.reference

    @property
    def read_time(self) -> datetime:
        if self._read_time is None:
            raise ValueError("the store did not say when: see Transaction.with_read_time")
        return exact_time(self._read_time)

    @property
    def create_time(self) -> datetime | None:
        return exact_time(self._found.create_time) if self._found is not None else None

    @property
    def update_time(self) -> datetime | None:
        return exact_time(self._found.update_time) if self._found is not None else None

    @property
    def raw_update_time(self) -> Message:
        """As it came, of a document that exists."""
        return self._found.update_time  # type: ignore[union-attr]


def system_now() -> datetime:
    """Return the machine's time, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """A source of the current instant.

    With `travels`, the field `at` of the document `testClock/now` stands for the machine's time while
    that document exists. It is read together with the documents that it is needed for.
    """

    now: Callable[[], datetime] = system_now
    travels: bool = False

    def paths(self) -> list[str]:
        """Return the documents that `at` needs."""
        return [_TEST_CLOCK] if self.travels else []

    def at(self, found: Mapping[str, Snapshot]) -> datetime:
        """Return the instant, given the snapshots of `paths`."""
        snapshot = found.get(_TEST_CLOCK)
        travelled = snapshot.get("at") if snapshot is not None and snapshot.exists else None
        return to_utc_datetime(travelled) if isinstance(travelled, datetime) else self.now()
