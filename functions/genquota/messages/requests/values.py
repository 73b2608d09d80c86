"""Values in requests: JSON as clients really send it, what Firestore can store, and types of fields.

The types are bounded, with the patterns of the OpenAPI document.
"""

import json
import math
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from genquota.domain.bounds import MAX_CREDITS
from genquota.domain.enums import LIMIT_WINDOWS, PAYMENT_PROVIDERS
from genquota.domain.errors import InvalidArgument
from genquota.domain.quota.rolling import find_zone
from genquota.domain.texts import is_document_name
from genquota.messages.requests.locales import MAX_LOCALE_CHARS, normalize_locale
from genquota.messages.requests.urls import WEB_URL, check_url

MAX_BODY_BYTES = 128 * 1024
MAX_ERROR_CHARS = 1000
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
_ID = r"^[A-Za-z0-9_-]{1,128}$"
_UID = r"^[^/\x00-\x1f\x7f]{1,128}$"
_UNRESERVED = r"(?!\.{1,2}$)(?!__(.*__|_)?$)"
"""What `_not_reserved` refuses, as a pattern for the OpenAPI document."""


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


def _not_reserved(name: str) -> str:
    if not is_document_name(name):
        raise ValueError("., .. and names of the form __x__ are reserved")
    return name


def _known_type(name: str, info: ValidationInfo) -> str:
    if name not in (info.context or {}).get("types", ()):
        raise ValueError("not one of this app's types (setting TYPES)")
    return name


def _allowed_url(url: str, info: ValidationInfo) -> str:
    return check_url(url, is_demo=bool((info.context or {}).get("is_demo")))


def _truncated(text: object) -> object:
    """Truncate and clean an error message: a report must not fail because of its text."""
    return clean_text(text[:MAX_ERROR_CHARS]) if isinstance(text, str) else text


def _known_zone(name: str) -> str:
    if find_zone(name) is None:
        raise ValueError("not an IANA time zone")
    return name


def _has_letters(text: str) -> str:
    if not text.strip():
        raise ValueError("may not be blank")
    return text


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
"""JSON has one kind of number: 2.0 is whole."""
STORABLE_FORMAT = "storable"
"""What the OpenAPI document spells out of `check_map`."""
PLAIN = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
"""A character that `check_text` lets pass, as a pattern for the OpenAPI document."""
Text = Annotated[
    str, Field(json_schema_extra={"pattern": f"^{PLAIN}*$"}), AfterValidator(check_text)
]
Id = Annotated[
    str,
    Field(pattern=_ID, json_schema_extra={"pattern": f"^{_UNRESERVED}{_ID[1:]}"}),
    AfterValidator(_not_reserved),
]
UserId = Annotated[
    str,
    Field(pattern=_UID, json_schema_extra={"pattern": f"^{_UNRESERVED}{_UID[1:]}"}),
    AfterValidator(_not_reserved),
]
"""Firebase lets a server choose uids, so they may be more than an id of ours; a path they are not."""
Note = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=1000,
        json_schema_extra={"pattern": f"^{PLAIN}*(?!\\s){PLAIN}{PLAIN}*$"},
    ),
    AfterValidator(_has_letters),
]
"""Why an operator did something; kept in the audit log."""
Label = Annotated[Text, Field(min_length=1, max_length=128)]
Engine = Annotated[Text, Field(min_length=1, max_length=200)]
Type = Annotated[str, Field(pattern=_ID), AfterValidator(_known_type)]
Url = Annotated[
    Text,
    Field(min_length=1, max_length=2048, json_schema_extra={"pattern": WEB_URL}),
    AfterValidator(_allowed_url),
]
Zone = Annotated[
    str,
    Field(min_length=1, max_length=128, json_schema_extra={"pattern": "^[A-Za-z0-9_+/-]+$"}),
    AfterValidator(_known_zone),
]
Locale = Annotated[Text, Field(max_length=MAX_LOCALE_CHARS), AfterValidator(normalize_locale)]
ErrorMessage = Annotated[str, BeforeValidator(_truncated)]
StorableMap = Annotated[
    dict[str, Any],
    Field(json_schema_extra={"format": STORABLE_FORMAT}),
    AfterValidator(check_map),
]
Count = Annotated[int, Field(ge=1, le=10), Whole]
OutputCount = Annotated[int, Field(ge=0, le=10), Whole]
Credits = Annotated[int, Field(ge=0, le=MAX_CREDITS), Whole]
Size = Annotated[int, Field(ge=0, lt=2**63), Whole]
if TYPE_CHECKING:  # type checkers know no Literal of computed values
    LimitWindow = str
    ProviderName = str
else:
    LimitWindow = Literal[*(window.value for window in LIMIT_WINDOWS)]
    ProviderName = Literal[*(provider.value for provider in PAYMENT_PROVIDERS)]
