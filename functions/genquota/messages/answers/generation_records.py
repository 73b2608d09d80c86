"""Answers with a generation's record: what was requested and the result, not the accounting."""

from collections.abc import Mapping
from typing import Any, Self

from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import Stored


class GenerationAnswer(Answer):
    """One generation."""

    id: str
    user_id: str
    type: str | None
    mode: str | None
    prompt_id: str | None
    prompt_text: str | None
    negative_prompt: str | None
    inputs: list[str] | None
    style: str | None
    aspect_ratio: str | None
    quality: str | None
    engine: str | None
    parameters: dict[str, Any] | None
    count: int | None
    credits: int | None
    charged: int
    """Credits."""
    generation_status: str
    """As of now: `expired` from the end of the hold on, whether or not the record says so yet."""
    image_url: str | None
    outputs: list[dict[str, Any]]
    output_count: int | None
    """The number of outputs, if the report stated it."""
    error_message: str | None
    metadata: dict[str, Any]
    plan_id: str | None
    subscription_id: str | None
    refunded: bool
    late: bool
    created_at: Time | None
    updated_at: Time | None
    started_at: Time | None
    completed_at: Time | None
    failed_at: Time | None
    expires_at: Time | None
    is_deleted: bool
    deleted_at: Time | None

    @classmethod
    def of(cls, generation_id: str, data: Mapping[str, Any], status: str) -> Self:
        """Show a record, which may be older than Genquota or edited by hand."""
        stored = Stored(data)
        return cls(
            id=generation_id,
            user_id=stored.text("userId") or "",
            type=stored.text("type"),
            mode=stored.text("mode"),
            prompt_id=stored.text("promptId"),
            prompt_text=stored.text("promptText"),
            negative_prompt=stored.text("negativePrompt"),
            inputs=stored.list("inputs", str),
            style=stored.text("style"),
            aspect_ratio=stored.text("aspectRatio"),
            quality=stored.text("quality"),
            engine=stored.text("engine"),
            parameters=stored.map("parameters"),
            count=stored.number("count"),
            credits=stored.number("credits"),
            charged=stored.number("charged") or 0,
            generation_status=status,
            image_url=stored.text("imageUrl"),
            outputs=stored.list("outputs", dict) or [],
            output_count=stored.number("outputCount"),
            error_message=stored.text("errorMessage"),
            metadata=stored.map("metadata") or {},
            plan_id=stored.text("planId"),
            subscription_id=stored.text("subscriptionId"),
            refunded=stored.flag("refunded"),
            late=stored.flag("late"),
            created_at=stored.time("createdAt"),
            updated_at=stored.time("updatedAt"),
            started_at=stored.time("startedAt"),
            completed_at=stored.time("completedAt"),
            failed_at=stored.time("failedAt"),
            expires_at=stored.time("expiresAt"),
            is_deleted=stored.flag("isDeleted"),
            deleted_at=stored.time("deletedAt"),
        )


class GenerationStats(Answer):
    """Generations of a user; failed includes cancelled and expired."""

    user_id: str
    since: Time | None
    """None: lifetime."""
    total: int
    success: int
    failed: int
    pending: int
