"""The current time: the machine's, or in time travel the emulator's `testClock/now`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from genquota.store.documents import Snapshot

_PATH = "testClock/now"


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
        return [_PATH] if self.travels else []

    def at(self, found: Mapping[str, Snapshot]) -> datetime:
        """Return the instant, given the snapshots of `paths`."""
        snapshot = found.get(_PATH)
        travelled = snapshot.get("at") if snapshot is not None and snapshot.exists else None
        return to_utc_datetime(travelled) if isinstance(travelled, datetime) else self.now()


def to_utc_datetime(value: datetime) -> datetime:
    """Return a Firestore timestamp as an ordinary datetime, which alone can be changed and written back."""
    at = value.astimezone(UTC)
    return datetime(
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC
    )
