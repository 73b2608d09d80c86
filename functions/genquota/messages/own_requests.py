"""What users may ask about their own data and devices."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from genquota.messages.requests import Request
from genquota.messages.values import Locale, Text, Whole

Token = Annotated[Text, Field(pattern=r"^\S{1,4096}$")]


class RegisterDevice(Request):
    token: Token
    remove: bool | None = None
    platform: Literal["android", "ios", "web"] | None = Field(default=None, validate_default=True)
    locale: Annotated[Locale, Field(min_length=1)] | None = None

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
