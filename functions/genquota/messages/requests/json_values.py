"""JSON as clients really send it: wrapped integers, and values that Firestore could not store."""

import json
import math
import re
from typing import Any

from genquota.domain.errors import InvalidArgument

MAX_BODY_BYTES = 128 * 1024
MAX_DEPTH = 10
"""Of `parameters` and `metadata`."""
MAX_MAP_BYTES = 16 * 1024
MAX_KEY_CHARS = 300
"""Firestore takes 1500 bytes; a character has four at most."""

_WRAPPED = re.compile(r"type\.googleapis\.com/google\.protobuf\.U?Int64Value")
_RESERVED_KEY = re.compile(r"__.*__", re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_body(body: bytes) -> object:
    """Parse a request body, with wrapped integers unwrapped.

    Raises:
        InvalidArgument: It is too large, not UTF-8, not JSON, or nested beyond all sense.
    """
    if len(body) > MAX_BODY_BYTES:
        raise InvalidArgument((("", f"the body is larger than {MAX_BODY_BYTES} bytes"),))
    try:
        return _unwrap(json.loads(body.decode(), parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as error:
        raise InvalidArgument((("", "the body is not JSON"),)) from error


def check_text(text: str) -> str:
    """Return the text if it has no control characters but tab and line breaks.

    Raises:
        ValueError: It has, or it is no Unicode text.
    """
    if _CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("lone surrogates are not allowed")
    return text


def clean_text(text: str) -> str:
    """Replace what `check_text` refuses: control characters by blanks, lone surrogates by U+FFFD."""
    plain = _CONTROL.sub(" ", text)
    return plain if plain.isascii() else _SURROGATE.sub("\ufffd", plain)


def check_map(value: dict[str, Any]) -> dict[str, Any]:
    """Return the map if Firestore can store it and it is not too large or deep.

    Raises:
        ValueError: It is not.
    """
    _check_storable(value, 1)
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_MAP_BYTES:
        raise ValueError(f"larger than {MAX_MAP_BYTES} bytes")
    return value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _unwrap(value: object) -> object:
    """Turn the mobile SDKs' `{"@type": …Int64Value, "value": "5"}` into integers, at any depth."""
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind, digits = value.get("@type"), value.get("value")
    if value.keys() == {"@type", "value"} and isinstance(kind, str) and _WRAPPED.fullmatch(kind):
        if isinstance(digits, str) and _INTEGER.fullmatch(digits):
            return int(digits)
        if isinstance(digits, int) and not isinstance(digits, bool):
            return digits
    return {key: _unwrap(item) for key, item in value.items()}


def _check_storable(value: object, depth: int) -> None:
    match value:
        case str():
            check_text(value)
        case bool() | None:
            pass
        case int():
            if not -(2**63) <= value < 2**63:
                raise ValueError("integers beyond 64 bits are not allowed")
        case float():
            if not math.isfinite(value):
                raise ValueError("numbers must be finite")
        case dict() | list():
            if depth > MAX_DEPTH:
                raise ValueError(f"nested deeper than {MAX_DEPTH}")
            for item in _checked_items(value):
                _check_storable(item, depth + 1)
        case _:
            raise ValueError("not a JSON value")


def _checked_items(value: dict[str, Any] | list[Any]) -> list[Any]:
    if isinstance(value, list):
        if any(isinstance(item, list) for item in value):
            raise ValueError("a list in a list cannot be stored")
        return value
    for key in value:
        if not key or _RESERVED_KEY.fullmatch(key) or len(check_text(key)) > MAX_KEY_CHARS:
            raise ValueError("map keys may not be empty, over-long or of the form __x__")
    return list(value.values())
