"""Exported documents as JSON."""

import base64
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.messages.answers.callable_answers import rfc3339

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
