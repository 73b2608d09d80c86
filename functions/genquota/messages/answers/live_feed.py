"""Answers of the live feed."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import Stored
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.values import Type


class LiveFeedQuery(Message):
    """Entries of all types, or of one."""

    type: Type | None = None


class LiveFeedEntry(Answer):
    """One generation as everybody may see it. The id is the generation's."""

    id: str
    user_id: str | None
    user_name: str
    user_photo_url: str | None
    type: str
    prompt: str
    engine: str | None
    preview_url: str | None
    status: Literal["processing", "completed", "failed"]
    timestamp: Time | None
    """When the generation was created."""
    updated_at: Time | None

    @classmethod
    def of(cls, generation_id: str, data: Mapping[str, Any]) -> Self:
        stored = Stored(data)
        return cls(
            id=generation_id,
            user_id=stored.text("userId"),
            user_name=stored.text("userName") or "",
            user_photo_url=stored.text("userPhotoURL"),
            type=stored.text("type") or "",
            prompt=stored.text("prompt") or "",
            engine=stored.text("engine"),
            preview_url=stored.text("previewUrl"),
            status=data["status"],
            timestamp=stored.time("timestamp"),
            updated_at=stored.time("updatedAt"),
        )


class LiveFeedAnswer(Answer):
    """The newest entries, newest first."""

    mode: Literal["off", "anonymous", "named"]
    """The setting LIVE_FEED; `off`: there are no entries."""
    items: list[LiveFeedEntry]


class RemovedAnswer(Answer):
    """What removing an entry did, or in a dry run would do."""

    generation_id: str
    user_id: str | None
    """Whose generation it is; null if its record is gone."""
    action: str
    dry_run: bool
    changed: bool
    """False: it was not in the feed."""
    audit_id: str | None
