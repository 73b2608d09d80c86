"""Answers with a generation's record: what was requested and the result, not the accounting."""

from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import (
    StoredAnswer,
    StoredCount,
    StoredFlag,
    StoredMap,
    StoredMapOrNone,
    StoredMaps,
    StoredNumber,
    StoredText,
    StoredTextOrEmpty,
    StoredTextsOrNone,
    StoredTime,
)


class GenerationAnswer(StoredAnswer):
    """One generation."""

    id: str
    user_id: StoredTextOrEmpty
    type: StoredText
    mode: StoredText
    prompt_id: StoredText
    prompt_text: StoredText
    negative_prompt: StoredText
    inputs: StoredTextsOrNone
    style: StoredText
    aspect_ratio: StoredText
    quality: StoredText
    engine: StoredText
    parameters: StoredMapOrNone
    count: StoredNumber
    credits: StoredNumber
    charged: StoredCount
    """Credits."""
    generation_status: str
    """As of now: `expired` from the end of the hold on, whether or not the record says so yet."""
    image_url: StoredText
    outputs: StoredMaps
    output_count: StoredNumber
    """The number of outputs, if the report stated it."""
    error_message: StoredText
    metadata: StoredMap
    plan_id: StoredText
    subscription_id: StoredText
    refunded: StoredFlag
    late: StoredFlag
    created_at: StoredTime
    updated_at: StoredTime
    started_at: StoredTime
    completed_at: StoredTime
    failed_at: StoredTime
    expires_at: StoredTime
    is_deleted: StoredFlag
    deleted_at: StoredTime


class GenerationStats(Answer):
    """Generations of a user; failed includes cancelled and expired."""

    user_id: str
    since: Time | None
    """None: lifetime."""
    total: int
    success: int
    failed: int
    pending: int
