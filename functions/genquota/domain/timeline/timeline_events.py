"""Events of a window's history, from records of generations and entries of the audit log."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from genquota.domain.audit_actions import RESETS
from genquota.domain.enums import Status, Window
from genquota.domain.quota.generation import Generation
from genquota.domain.records import dataclass
from genquota.domain.timeline.timeline import Credits, EventKind, WindowEvent

_RESETS = frozenset(RESETS.values())


@dataclass(frozen=True, slots=True)
class RecordedGeneration:
    """A generation's record, as far as its history goes."""

    generation: Generation
    closed_at: datetime
    """When it was settled or given back; for one whose success came late, when that came."""
    held: int | None = None
    """Credits that it held in windows, if it was settled for others."""
    refunded_at: datetime | None = None
    refunded_from: Mapping[str, int] = field(default_factory=dict)
    """Credits that an operator gave back, by window."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry of the audit log."""

    id: str
    at: datetime
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    facts: Mapping[str, Any]


def generation_events(
    record: RecordedGeneration, window: Window, start: datetime, now: datetime
) -> Iterator[WindowEvent]:
    """Yield what a generation did to the counter of a window, none if it was not reserved in it."""
    generation, hold = record.generation, record.generation.hold
    if hold.starts.get(window) != start:
        return
    held = hold.allocation.windows if record.held is None else record.held
    grants = sum(part.credits for part in hold.allocation.grants)

    def event(
        at: datetime, kind: EventKind, used: int = 0, open_: int = 0, adjusted: int = 0
    ) -> WindowEvent:
        return WindowEvent(
            at,
            kind,
            _of(hold.type, used),
            _of(hold.type, open_),
            _of(hold.type, adjusted),
            generation.id,
            hold.type,
            grants,
            record.facts,
        )

    yield event(generation.created_at, EventKind.HELD, open_=held)
    status = generation.status_at(now)
    if status.is_open:
        return
    if generation.late or status is Status.EXPIRED:
        yield event(hold.end, EventKind.EXPIRED, open_=-held)
    if status is Status.EXPIRED:
        return
    if status is not Status.SUCCESS:
        yield event(record.closed_at, EventKind.RELEASED, open_=-held)
        return
    was_charged = generation.charged or record.refunded_at or not generation.refunded
    charged = hold.allocation.windows if was_charged else 0
    if generation.late:
        yield event(record.closed_at, EventKind.LATE, used=charged)
    else:
        yield event(record.closed_at, EventKind.CHARGED, used=charged, open_=-held)
    if record.refunded_at:
        taken = record.refunded_from.get(window.value, 0)
        yield event(record.refunded_at, EventKind.REFUNDED, used=-taken, adjusted=taken - charged)


def audit_event(entry: AuditRecord, window: Window, start: datetime) -> WindowEvent | None:
    """Return what an operator did, as the timeline of a window shows it; None: it is of other windows."""
    if entry.action in _RESETS:
        if (entry.before.get("window"), entry.before.get("start")) != (window.value, start):
            return None
        used: Credits = entry.before.get("used") or {}
        less = {type_: -credits for type_, credits in used.items()}
        return WindowEvent(entry.at, EventKind.RESET, used=less, adjusted=used, facts=entry.facts)
    generation_id = entry.after.get("generationId")
    return WindowEvent(entry.at, EventKind.OPERATOR, generation_id=generation_id, facts=entry.facts)


def _of(type_: str, credits: int) -> Credits:
    return {type_: credits} if credits else {}
