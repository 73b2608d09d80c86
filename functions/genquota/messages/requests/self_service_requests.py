"""Requests of the self-service callables."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from genquota.messages.requests.callable_requests import Request
from genquota.messages.requests.values import Locale, Text, Whole

Token = Annotated[Text, Field(pattern=r"^\S{1,4096}$")]


class RegisterDevice(Request):
    """A token, or to remove a device that somebody has no longer in their hands, its id."""

    device_id: Annotated[Text, Field(pattern=r"^d[0-9a-f]{31}$")] | None = None
    token: Token | None = Field(default=None, validate_default=True)
    remove: bool | None = Field(default=None, validate_default=True)
    platform: Literal["android", "ios", "web"] | None = Field(default=None, validate_default=True)
    locale: Annotated[Locale, Field(min_length=1)] | None = None

    @field_validator("token")
    @classmethod
    def _says_which_device(cls, token: str | None, info: ValidationInfo) -> str | None:
        if (token is None) == (info.data.get("device_id") is None):
            raise ValueError("a token, or the deviceId of a device to remove")
        return token

    @field_validator("remove")
    @classmethod
    def _is_what_an_id_is_for(cls, remove: bool | None, info: ValidationInfo) -> bool | None:  # noqa: FBT001 - pydantic calls it
        if info.data.get("device_id") and not remove:
            raise ValueError("a device is registered by its token")
        return remove

    @field_validator("platform")
    @classmethod
    def _is_said_of_a_new_device(cls, platform: str | None, info: ValidationInfo) -> str | None:
        if platform is None and not info.data.get("remove"):
            raise ValueError("a device needs a platform")
        return platform


class ExportMyData(Request):
    cursor: Annotated[Text, Field(min_length=1, max_length=4096)] | None = None
    page_size: Annotated[int, Field(ge=1, le=500), Whole] | None = None


class DeleteMyData(Request):
    pass
