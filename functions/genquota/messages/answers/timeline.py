"""Answers with the history of a window's counter."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from genquota.domain.errors import InvalidArgument
from genquota.domain.texts import is_document_name
from genquota.domain.timeline.timeline import (
    BalanceCheck,
    EarlierWindow,
    Timeline,
    TimelineCursor,
    TracedEvent,
    WindowCredits,
)
from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import StoredAnswer, StoredMap, StoredNumber, StoredText
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.cursors import parts_of_cursor, parts_to_cursor
from genquota.messages.requests.queries import Instant
from genquota.messages.requests.values import LimitWindow, Text


class TimelineQuery(Message):
    window: LimitWindow = "period"
    before: Instant | None = None
    """The newest window that began before this instant; None: the running one."""
    cursor: Annotated[Text, Field(min_length=1, max_length=4096)] | None = None


class TimelineEntry(StoredAnswer):
    """One change of a window's counter, and what it shows after it. Credits; negative: so many less."""

    at: Time
    kind: str
    """held, charged, released, expired, late, refunded, reset, grant, operator, carried, earlier,
    unexplained or began."""
    used: int
    open: int
    used_after: int
    open_after: int
    type: str | None
    grants: int
    """Credits of a generation that grants pay; no window counts them."""
    generation_id: str | None
    plan_id: StoredText
    """In force when the generation was opened."""
    error_message: StoredText
    grant_id: StoredText
    credits: StoredNumber
    """Of a grant that was bought."""
    audit_id: StoredText
    action: StoredText
    actor_id: StoredText
    note: StoredText
    before: StoredMap
    after: StoredMap

    @classmethod
    def of(cls, entry: TracedEvent) -> Self:
        event = entry.event
        return cls.from_document(
            event.facts,
            at=event.at,
            kind=event.kind.value,
            used=sum(event.used.values()),
            open=sum(event.open.values()),
            used_after=entry.used,
            open_after=entry.open,
            type=event.type,
            grants=event.grants,
            generation_id=event.generation_id,
            audit_id=event.facts.get("id"),
        )


class CheckAnswer(Answer):
    """Whether a counter is what its records say."""

    adds_up: bool
    used: int
    """So many credits more than the records say; negative: fewer."""
    open: int
    by_type: dict[str, int]
    """Of `used`, where it differs."""

    @classmethod
    def of(cls, check: BalanceCheck) -> Self:
        return cls(
            adds_up=check.adds_up,
            used=sum(check.used.values()),
            open=sum(check.open.values()),
            by_type=dict(check.used),
        )


class PreviousWindow(Answer):
    """The window before that something is kept of; `before` with the start of the later one shows it."""

    start: Time
    end: Time | None
    used: int

    @classmethod
    def of(cls, previous: EarlierWindow) -> Self:
        return cls(start=previous.start, end=previous.end, used=previous.used)


class TimelineAnswer(Answer):
    """How a window came to what it shows, newest first."""

    user_id: str
    window: str
    start: Time
    end: Time
    is_running: bool
    as_of: Time
    used: int
    """Credits, as the counter shows them."""
    open: int
    """Credits that open generations hold."""
    items: list[TimelineEntry]
    check: CheckAnswer | None
    """None: there are more pages, or records of the window are deleted already."""
    previous: PreviousWindow | None
    cursor: str | None

    @classmethod
    def of(cls, user_id: str, window: str, timeline: Timeline) -> Self:
        place, check, previous = timeline.place, timeline.check, timeline.previous
        return cls(
            user_id=user_id,
            window=window,
            start=place.start,
            end=place.end,
            is_running=place.is_running,
            as_of=place.as_of,
            used=sum(place.stored.used.values()),
            open=sum(place.stored.open.values()),
            items=[TimelineEntry.of(entry) for entry in timeline.entries],
            check=CheckAnswer.of(check) if check else None,
            previous=PreviousWindow.of(previous) if previous else None,
            cursor=place_to_text(timeline.next) if timeline.next else None,
        )


def place_to_text(place: TimelineCursor) -> str:
    """Write where a timeline goes on."""
    after = {source: [_time(at), name] for source, (at, name) in place.after.items()}
    times = [place.start.isoformat(), place.end.isoformat(), place.as_of.isoformat()]
    stored, left = _credits(place.stored), _credits(place.left)
    return parts_to_cursor(json.dumps([times, place.is_running, stored, left, after]))


def place_from_text(text: str) -> TimelineCursor:
    """Read what `place_to_text` wrote.

    Raises:
        InvalidArgument: It is something else.
    """
    (part,) = parts_of_cursor(text, 1)
    try:
        (start, end, as_of), is_running, stored, left, after = json.loads(part or "")
        return TimelineCursor(
            _instant(start),
            _instant(end),
            is_running is True,
            _instant(as_of),
            _window_credits(stored),
            _window_credits(left),
            {str(source): (_instant(at), _name(name)) for source, (at, name) in after.items()},
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise InvalidArgument((("cursor", "not one of ours"),)) from None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no time zone")
    return at


def _name(name: object) -> str:
    if not isinstance(name, str) or not is_document_name(name):
        raise ValueError("no name of a document")
    return name


def _credits(credits: WindowCredits) -> list[dict[str, int]]:
    return [dict(credits.used), dict(credits.open), dict(credits.adjusted)]


def _window_credits(stored: list[Mapping[str, int]]) -> WindowCredits:
    used, open_, adjusted = (
        {str(type_): int(count) for type_, count in each.items()} for each in stored
    )
    return WindowCredits(used, open_, adjusted)
