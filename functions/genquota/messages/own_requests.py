"""What users may ask about their own data and devices."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from genquota.messages.requests import Request
from genquota.messages.values import Text

Token = Annotated[Text, Field(pattern=r"^\S{1,4096}$")]
Locale = Annotated[Text, Field(min_length=1, max_length=35)]


class RegisterDevice(Request):
    token: Token
    platform: Literal["android", "ios", "web"] | None = None
    locale: Locale | None = None
    remove: bool | None = None

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if self.platform is None and not self.remove:
            raise ValueError("a device needs a platform")
        return self


class ExportMyData(Request):
    cursor: Annotated[Text, Field(min_length=1, max_length=4096)] | None = None
    page_size: Annotated[int, Field(ge=1, le=500)] | None = None


class DeleteMyData(Request):
    pass
