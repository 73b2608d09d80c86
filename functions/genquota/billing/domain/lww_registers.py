"""Last-writer-wins registers for facts that are reported out of order, twice or late.

Of two values of one fact the one with the greater version stays, so the outcome is the same whichever
was received first. See docs/decisions/0011-lww-registers-for-provider-events.md.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from genquota.domain.records import dataclass

T = TypeVar("T")

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


class Version(NamedTuple):
    """The order of reported facts; later fields decide between equals."""

    transaction_at: datetime
    """Start of the transaction that the event is about, where the provider's events speak of one each
    (RevenueCat): what becomes of an old one says nothing of those since. Else `EARLIEST`."""
    at: datetime
    """The provider's event time."""
    precedence: int
    """Of one instant: 0 for what is known to have been before all else."""
    event_id: str


@dataclass(frozen=True, slots=True)
class LwwRegister(Generic[T]):
    """A fact as last reported, with its version."""

    value: T
    version: Version


def versioned(value: T | None, version: Version) -> LwwRegister[T] | None:
    """Return what an event reports of a fact; None if it reports nothing."""
    return None if value is None else LwwRegister(value, version)


def latest(
    kept: LwwRegister[T] | None,
    reported: LwwRegister[T] | None,
    order: Callable[[LwwRegister[T]], Any] = attrgetter("version"),
) -> LwwRegister[T] | None:
    """Return the newer of two. The same event received again replaces itself.

    Args:
        kept: What is known so far.
        reported: What an event says.
        order: Returns what decides, where that is not the version alone.
    """
    if kept is None or reported is None:
        return reported or kept
    return reported if order(reported) >= order(kept) else kept
