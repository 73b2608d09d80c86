"""What users may ask about their own data and devices."""

from typing import Annotated

from pydantic import Field

from genquota.messages.requests import Request, Text

Token = Annotated[Text, Field(pattern=r"^\S{1,4096}$")]
Locale = Annotated[Text, Field(min_length=1, max_length=35)]


class ExportMyData(Request):
    cursor: Annotated[Text, Field(min_length=1, max_length=4096)] | None = None
    page_size: Annotated[int, Field(ge=1, le=500)] | None = None


class DeleteMyData(Request):
    pass
