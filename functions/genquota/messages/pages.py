"""Lists in pages: a cursor is a position in the list, so it survives what is added and deleted."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from genquota.domain.errors import InvalidArgument
from genquota.messages.answers import Answer

A = TypeVar("A", bound=Answer)
Position = tuple[datetime | None, str]
"""The time that a list is ordered by (None: it has none, or is ordered by id), and the id."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_NAME = 1500


class Page(Answer, Generic[A]):
    """A part of a list, and where the next one begins; null: this was the last."""

    items: Sequence[A]
    cursor: str | None


def cursor_of(list_name: str, position: Position | None) -> str | None:
    """Write a position down for the caller to send back."""
    if position is None:
        return None
    at, name = position
    said = [list_name, None if at is None else (at - _EPOCH) // _MICROSECOND, name]
    text = json.dumps(said, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(list_name: str, cursor: str | None) -> Position | None:
    """Read a position back.

    Raises:
        InvalidArgument: It is no cursor of that list.
    """
    if cursor is None:
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        named, micros, name = said
        at = None if micros is None else _EPOCH + timedelta(microseconds=int(micros))
        if named == list_name and _is_name(name):
            return at, name
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise InvalidArgument((("cursor", "not a cursor of this list"),))


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and "/" not in name
