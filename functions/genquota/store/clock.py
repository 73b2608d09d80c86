"""What time it is: the machine's, or in time travel the emulator's `testClock/now`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from google.cloud.firestore import Client, DocumentReference

from genquota.store.transaction import Snapshot


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

    def document(self, db: Client) -> DocumentReference | None:
        """Return what must be read before `at`, if anything."""
        return db.document("testClock/now") if self.travels else None

    def at(self, snapshot: Snapshot | None) -> datetime:
        """Return the instant, given the snapshot of `document`."""
        travelled = snapshot.get("at") if snapshot is not None and snapshot.exists else None
        return plain(travelled) if isinstance(travelled, datetime) else self.now()


def plain(value: datetime) -> datetime:
    """Return a Firestore timestamp as an ordinary datetime, which alone can be changed and written back."""
    at = value.astimezone(UTC)
    return datetime(
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC
    )
