"""Lenient reading of providers' payloads: only the fields that are used.

Providers add fields as they please, so what is not named is not looked at. What is named and missing is
an error that the provider is answered, and is never ignored.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from genquota.domain.errors import InvalidArgument

P = TypeVar("P", bound="Payload")

_LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


def _id_of(value: object) -> object:
    """Return the id of what may be an id or the whole thing."""
    return value.get("id") if isinstance(value, Mapping) else value


Reference = Annotated[str, BeforeValidator(_id_of), Field(min_length=1, max_length=255)]
Seconds = Annotated[int, Field(ge=0, le=_LAST_SECOND)]
Milliseconds = Annotated[int, Field(ge=0, le=_LAST_SECOND * 1000)]
Id = Annotated[str, Field(min_length=1, max_length=255)]


class Payload(BaseModel):
    """Any object of a provider."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_says_nothing(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None}


def read_payload(model: type[P], data: object) -> P:
    """Parse an object.

    Raises:
        InvalidArgument: A field that is needed is missing or of another kind; names the fields only.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        fields = [(".".join(map(str, entry["loc"])), entry["type"]) for entry in found]
        raise InvalidArgument(tuple(fields[:20])) from None


def from_seconds(seconds: int) -> datetime:
    """Return an instant that is given in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def from_milliseconds(milliseconds: int) -> datetime:
    """Return an instant that is given in milliseconds since 1970."""
    whole, rest = divmod(milliseconds, 1000)
    return from_seconds(whole).replace(microsecond=rest * 1000)


def text_at(metadata: Mapping[str, Any] | None, name: str) -> str | None:
    """Return a text of an object's metadata."""
    value = (metadata or {}).get(name)
    return value if isinstance(value, str) and value else None
