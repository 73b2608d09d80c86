"""Cursors: opaque texts that say where the next page begins.

A list ordered by one field continues after a position. Every text of the form that the OpenAPI document
names is one, so whatever is sent back is either understood or refused by its form: 18 digits of microseconds
since the year 1 (or `n`: no time), `_`, and the id, in which `_` and six hexadecimal digits stand for a
character that is no letter, digit or `-`. Exports and timelines, which read several lists, have cursors of
several parts.
"""

import base64
import json
import re
import sys
from datetime import UTC, datetime, timedelta

from genquota.domain.errors import InvalidArgument
from genquota.domain.texts import is_document_name

Position = tuple[datetime | None, str]
"""The time that a list is ordered by (None: it has none, or is ordered by id), and the id."""

PATTERN = r"^([0-2][0-9]{17}|n)_([A-Za-z0-9-]|_[01][0-9a-f]{5}){1,1500}$"

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = 299_999_999_999_999_999
_UNPLAIN = re.compile(r"[^A-Za-z0-9-]")
_ESCAPED = re.compile(r"_([01][0-9a-f]{5})")
_SURROGATES = range(0xD800, 0xE000)
_IN_NO_ID = "\N{REPLACEMENT CHARACTER}"


def cursor_of(position: Position | None) -> str | None:
    """Return what the caller is given; None: there is no further page."""
    if position is None:
        return None
    at, name = position
    time = "n" if at is None else f"{min((at - _FIRST) // _MICROSECOND, _LATEST):018}"
    return f"{time}_{_UNPLAIN.sub(lambda found: f'_{ord(found[0]):06x}', name)}"


def position_of(cursor: str | None) -> Position | None:
    """Read a cursor of the right form back."""
    if cursor is None:
        return None
    time, _, name = cursor.partition("_")
    at = None if time == "n" else _FIRST + int(time) * _MICROSECOND
    name = _ESCAPED.sub(lambda found: _character(int(found[1], 16)), name)
    return at, name if is_document_name(name) else _IN_NO_ID


def _character(code: int) -> str:
    is_one = code <= sys.maxunicode and code not in _SURROGATES and chr(code) != "/"
    return chr(code) if is_one else _IN_NO_ID


def parts_to_cursor(*parts: str | None) -> str:
    """Write where a list goes on, as clients hand it back without looking into it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def parts_of_cursor(text: str, length: int) -> list[str | None]:
    """Read what `parts_to_cursor` wrote.

    Raises:
        InvalidArgument: It is something else.
    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        json.dumps(parts, ensure_ascii=False).encode()  # lone surrogates stand in no name
    except (ValueError, RecursionError):
        parts = None
    is_ours = isinstance(parts, list) and len(parts) == length
    if not is_ours or not all(part is None or isinstance(part, str) for part in parts):
        raise InvalidArgument((("cursor", "not one of ours"),))
    return list(parts)
