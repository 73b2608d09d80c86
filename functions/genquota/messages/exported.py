"""A user's own data on the wire: every document as it is stored, in JSON; and cursors between pages."""

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.domain.errors import InvalidArgument
from genquota.messages.answers import rfc3339

_TYPE_KEY = re.compile("@+type")


def stored_to_json(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return what Firestore can store in the words of JSON."""
    if isinstance(value, Mapping):
        return {str(key): stored_to_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [stored_to_json(each) for each in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    is_plain = value is None or isinstance(value, bool | int | str)
    if is_plain or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _text_of(value)


def escape_type_keys(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Escape keys named `@type`, at any depth, in JSON that a callable returns.

    Firebase's client SDKs treat a map with `@type` as a wrapped number and fail on types that they do not
    know, such as JSON-LD's. `@type` becomes `@@type`, `@@type` becomes `@@@type`, and so on, so the
    escaping is reversible.
    """
    if isinstance(value, Mapping):
        return {
            f"@{key}" if _TYPE_KEY.fullmatch(key) else key: escape_type_keys(each)
            for key, each in value.items()
        }
    return [escape_type_keys(each) for each in value] if isinstance(value, list) else value


def _text_of(value: object) -> str:
    """Name what has no word in JSON: a reference by its path, a point by its coordinates, NaN."""
    if hasattr(value, "latitude") and hasattr(value, "longitude"):
        return f"{value.latitude},{value.longitude}"
    return str(getattr(value, "path", value))


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
