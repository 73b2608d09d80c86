"""The request of `update_generation`: how a generation went."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from genquota.messages.requests.callable_requests import Message, Request
from genquota.messages.requests.values import (
    ErrorMessage,
    Id,
    OutputCount,
    Size,
    StorableMap,
    Text,
    Url,
)


class Output(Message):
    url: Url
    filename: Annotated[Text, Field(min_length=1, max_length=256)] | None = None
    size: Size | None = None
    width: Size | None = None
    height: Size | None = None
    duration_ms: Size | None = None


class UpdateGeneration(Request):
    generation_id: Id
    generation_status: Literal["processing", "success", "failed", "cancelled"]
    image_url: Url | None = None
    outputs: Annotated[list[Output], Field(max_length=10)] | None = None
    output_count: OutputCount | None = None
    """The final number of outputs of a success; missing ones are not charged. Without it, all are charged."""
    error_message: ErrorMessage | None = None
    metadata: StorableMap | None = None

    @model_validator(mode="after")
    def _success_has_output(self) -> Self:
        if self.generation_status != "success":
            return self
        if not (self.image_url or self.outputs):
            raise ValueError("a success needs imageUrl or outputs")
        if self.output_count == 0:
            raise ValueError("a success has an output: report failed")
        if self.output_count and self.outputs and len(self.outputs) != self.output_count:
            raise ValueError("outputCount is not the number of outputs")
        return self
