"""The history of a window's counter: each change with the counter after it.

It is traced backwards from the counter, so that the newest changes can be shown without reading the rest.
What is left once all changes are known is what no record explains.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from genquota.domain.records import dataclass

Credits = Mapping[str, int]
"""By type; never a zero."""


class EventKind(StrEnum):
    """What happened to a counter."""

    HELD = "held"
    CHARGED = "charged"
    RELEASED = "released"
    EXPIRED = "expired"
    LATE = "late"
    REFUNDED = "refunded"
    RESET = "reset"
    GRANT = "grant"
    OPERATOR = "operator"
    CARRIED = "carried"
    EARLIER = "earlier"
    UNEXPLAINED = "unexplained"
    BEGAN = "began"


_ORDER = {kind: index for index, kind in enumerate(EventKind)}
"""Of what happens to one generation in one instant; operators come last."""


@dataclass(frozen=True, slots=True)
class WindowCredits:
    """What one window counts."""

    used: Credits = field(default_factory=dict)
    open: Credits = field(default_factory=dict)
    """Held by open generations."""
    adjusted: Credits = field(default_factory=dict)
    """What was taken off `used` by hand, as the counter itself says."""

    def plus(self, other: "WindowCredits | WindowEvent", sign: int = 1) -> "WindowCredits":
        return WindowCredits(
            _sum(self.used, other.used, sign),
            _sum(self.open, other.open, sign),
            _sum(self.adjusted, other.adjusted, sign),
        )


@dataclass(frozen=True, slots=True)
class WindowEvent:
    """One change, and by how much it changed what is counted."""

    at: datetime
    kind: EventKind
    used: Credits = field(default_factory=dict)
    open: Credits = field(default_factory=dict)
    adjusted: Credits = field(default_factory=dict)
    generation_id: str | None = None
    type: str | None = None
    grants: int = 0
    """Credits of a generation that grants pay; they are not counted in windows."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of it."""


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """An event, and what the window counted after it."""

    event: WindowEvent
    used: int
    open: int


@dataclass(frozen=True, slots=True)
class BalanceCheck:
    """By how much a counter differs from what its records say: more (positive) or less, by type."""

    used: Credits
    open: Credits

    @property
    def adds_up(self) -> bool:
        return not self.used and not self.open


Position = tuple[datetime | None, str]


@dataclass(frozen=True, slots=True)
class TimelineCursor:
    """Where a timeline goes on: which window, and what of its credits is not explained yet."""

    start: datetime
    end: datetime
    is_running: bool
    as_of: datetime
    """All pages are read as of one instant."""
    stored: WindowCredits
    left: WindowCredits
    after: Mapping[str, Position] = field(default_factory=dict)
    """By source, where it goes on."""


@dataclass(frozen=True, slots=True)
class EarlierWindow:
    """The window before."""

    start: datetime
    end: datetime | None
    used: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A part of a window's history, newest first."""

    place: TimelineCursor
    entries: tuple[TracedEvent, ...]
    check: BalanceCheck | None
    """None: there are more pages, or records that the window counts are deleted already."""
    previous: EarlierWindow | None
    next: TimelineCursor | None


def trace_back(
    left: WindowCredits, events: Iterable[WindowEvent]
) -> tuple[tuple[TracedEvent, ...], WindowCredits]:
    """Go back through events from what was counted after them.

    Returns:
        The events, newest first, and what was counted before them.
    """
    entries = []
    for event in sorted(events, key=lambda each: (each.at, _ORDER[each.kind]), reverse=True):
        entries.append(TracedEvent(event, sum(left.used.values()), sum(left.open.values())))
        left = left.plus(event, -1)
    return tuple(entries), left


def explain_rest(
    left: WindowCredits, start: datetime, *, is_whole: bool
) -> tuple[tuple[TracedEvent, ...], BalanceCheck | None]:
    """Explain what is left when all events are known.

    Args:
        left: Of the counter, what no event explains.
        start: Of the window.
        is_whole: Whether no record of the window can have been deleted.

    Returns:
        The oldest entries, newest first, and whether the counter adds up; None: that cannot be known.
    """
    if not is_whole:
        earlier = WindowEvent(start, EventKind.EARLIER, left.used, left.open, left.adjusted)
        has_any = left != WindowCredits()
        found, left = trace_back(left, [earlier] if has_any else [])
        return (*found, *trace_back(left, [WindowEvent(start, EventKind.BEGAN)])[0]), None
    # A counter that begins with what somebody used before has it adjusted by as much the other way.
    carried = _sum({}, left.adjusted, -1)
    check = BalanceCheck(_sum(left.used, carried, -1), left.open)
    steps = [
        WindowEvent(start, EventKind.UNEXPLAINED, check.used, check.open),
        WindowEvent(start, EventKind.CARRIED, used=carried, adjusted=left.adjusted),
    ]
    entries: list[TracedEvent] = []
    for step in steps:
        if step.used or step.open:
            found, left = trace_back(left, [step])
            entries += found
    return (*entries, *trace_back(left, [WindowEvent(start, EventKind.BEGAN)])[0]), check


def _sum(one: Credits, other: Credits, sign: int = 1) -> dict[str, int]:
    total = {key: one.get(key, 0) + sign * other.get(key, 0) for key in {**one, **other}}
    return {key: credits for key, credits in total.items() if credits}
