"""Types of fields in requests: bounded, with the patterns of the OpenAPI document."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from genquota.domain.bounds import MAX_CREDITS
from genquota.domain.enums import LIMIT_WINDOWS, PAYMENT_PROVIDERS, is_document_name
from genquota.domain.quota.rolling import find_zone
from genquota.messages.requests.json_values import check_map, check_text, clean_text
from genquota.messages.requests.locales import MAX_LOCALE_CHARS, normalize_locale
from genquota.messages.requests.urls import WEB_URL, check_url

MAX_ERROR_CHARS = 1000
_ID = r"^[A-Za-z0-9_-]{1,128}$"
_UID = r"^[^/\x00-\x1f\x7f]{1,128}$"
_UNRESERVED = r"(?!\.{1,2}$)(?!__(.*__|_)?$)"
"""What `_not_reserved` refuses, as a pattern for the OpenAPI document."""


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
