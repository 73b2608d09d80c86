"""Requests of the callables by which users see and change what is theirs."""

from typing import Annotated, Any, Literal

from pydantic import Field

from genquota.messages.requests.callable_requests import Message, Request
from genquota.messages.requests.values import (
    Count,
    Credits,
    Engine,
    Id,
    Locale,
    Text,
    Type,
    Url,
    Zone,
)


class CheckLimit(Request):
    type: Type = "image"
    engine: Engine | None = None
    quality: Literal["standard", "hd"] = "standard"
    count: Count = 1
    credits: Credits | None = None


class GetUsage(Request):
    pass


class DeleteGeneration(Request):
    generation_id: Id


class Preferences(Message):
    hide_from_feed: bool | None = None
    locale: Locale | None = None
    theme: Annotated[Text, Field(max_length=64)] | None = None


class UpdateProfile(Request):
    display_name: Annotated[Text, Field(max_length=128)] | None = None
    photo_url: Url | None = Field(default=None, alias="photoURL")
    timezone: Zone | None = None
    preferences: Preferences | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named, null included: null clears."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude={"user_id"})
