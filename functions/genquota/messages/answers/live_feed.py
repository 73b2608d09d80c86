"""Answers of the live feed."""

from typing import Literal

from genquota.messages.answers.callable_answers import Answer
from genquota.messages.answers.stored import StoredAnswer, StoredText, StoredTextOrEmpty, StoredTime
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.values import Type


class LiveFeedQuery(Message):
    """Entries of all types, or of one."""

    type: Type | None = None


class LiveFeedEntry(StoredAnswer):
    """One generation as everybody may see it. The id is the generation's."""

    id: str
    user_id: StoredText
    user_name: StoredTextOrEmpty
    user_photo_url: StoredText
    type: StoredTextOrEmpty
    prompt: StoredTextOrEmpty
    engine: StoredText
    preview_url: StoredText
    status: Literal["processing", "completed", "failed"]
    timestamp: StoredTime
    """When the generation was created."""
    updated_at: StoredTime


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
