"""What all requests have in common, and that of `create_generation`: strict, bounded, no unknown fields.

A cold start makes all models of a module, a millisecond each, so other callables have theirs elsewhere.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from genquota.domain.errors import InvalidArgument
from genquota.messages.requests.values import (
    Count,
    Credits,
    Engine,
    Id,
    Label,
    StorableMap,
    Text,
    Type,
    Url,
    UserId,
)

M = TypeVar("M", bound="Message")

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


class Message(BaseModel):
    """Anything on the wire."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=False,
        hide_input_in_errors=True,
        defer_build=True,  # a cold start does not wait for those that it does not use
    )

    @model_validator(mode="before")
    @classmethod
    def _null_asks_for_the_default(cls, data: object) -> object:
        # Firebase's JavaScript library sends null for what is undefined.
        if not isinstance(data, Mapping) or None not in data.values():
            return data
        defaulted = _defaulted(cls)
        return {
            name: value
            for name, value in data.items()
            if value is not None or name not in defaulted
        }


class Request(Message):
    """What any call may say; only services and admins may name another user."""

    user_id: UserId | None = None


PLACED = frozenset(
    {"user_id", "idempotency_key", "type", "engine", "quality", "count", "credits", "metadata"}
)
"""Fields of `create_generation` that are stored by their own ways, or name the record."""


class CreateGeneration(Request):
    idempotency_key: Id
    type: Type
    prompt_id: Id
    prompt_text: Annotated[Text, Field(min_length=1, max_length=8000)]
    mode: Label | None = None
    inputs: Annotated[list[Url], Field(max_length=10)] | None = None
    engine: Engine | None = None
    quality: Literal["standard", "hd"] = "standard"
    count: Count = 1
    style: Label | None = None
    aspect_ratio: Label | None = None
    negative_prompt: Annotated[Text, Field(max_length=2000)] | None = None
    parameters: StorableMap | None = None
    metadata: StorableMap | None = None
    credits: Credits | None = None

    def content(self) -> dict[str, Any]:
        """Return what the record takes over as it was said: all that has no place of its own there."""
        return self.model_dump(by_alias=True, exclude=set(PLACED), exclude_none=True)


def parse(model: type[M], data: object, *, types: frozenset[str], is_demo: bool) -> M:
    """Parse a request.

    Args:
        model: What it should be.
        data: JSON, parsed.
        types: The types of generation that the app meters.
        is_demo: Whether urls of this machine are allowed.

    Raises:
        InvalidArgument: It is not; names every field in question and never repeats its value.
    """
    if not isinstance(data, Mapping):
        raise InvalidArgument((("", "an object was expected"),))
    try:
        return model.model_validate(dict(data), context={"types": types, "is_demo": is_demo})
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        fields = [(_path(entry["loc"]), entry["msg"]) for entry in found]
        raise InvalidArgument(tuple(fields[:20])) from None


@cache
def _defaulted(model: type[Message]) -> frozenset[str]:
    """Return the fields with a default that is not null, as they are named in JSON."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if not field.is_required() and field.default is not None
    )


def _path(location: tuple[int | str, ...]) -> str:
    """Name a field; a name that the caller made up is given only if it is short and plain."""
    names = (str(name) for name in location)
    return ".".join(name if _PLAIN_NAME.fullmatch(name) else "?" for name in names)
