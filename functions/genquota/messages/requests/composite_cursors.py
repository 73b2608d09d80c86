"""Cursors of several texts, for exports and timelines."""

import base64
import json

from genquota.domain.errors import InvalidArgument


def cursor_to_text(*parts: str | None) -> str:
    """Write where a list goes on, as clients hand it back without looking into it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def cursor_from_text(text: str, length: int) -> list[str | None]:
    """Read what `cursor_to_text` wrote.

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
