"""`track-generation`: the request and its answer."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from genquota.messages.answers.callable_answers import ReportedAnswer
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.report_requests import Output
from genquota.messages.requests.values import (
    Count,
    Credits,
    Engine,
    Id,
    StorableMap,
    Text,
    Type,
)


class TrackGeneration(Message):
    """What was made. Without `idempotencyKey`, each call is another generation."""

    idempotency_key: Id | None = None
    type: Type = "image"
    credits: Credits | None = None
    prompt_id: Id = "tracked"
    prompt_text: Annotated[Text, Field(max_length=8000)] = ""
    engine: Engine | None = None
    quality: Literal["standard", "hd"] = "standard"
    count: Count = 1
    outputs: Annotated[list[Output], Field(max_length=10)] | None = None
    metadata: StorableMap | None = None

    def content(self) -> dict[str, Any]:
        """Return what the record takes over as it was said."""
        return {"promptId": self.prompt_id, "promptText": self.prompt_text}

    def outputs_as_stored(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(
            each.model_dump(by_alias=True, exclude_none=True) for each in self.outputs or ()
        )


class TrackedAnswer(ReportedAnswer):
    """A generation that was charged, or the replay of one."""

    replayed: bool
