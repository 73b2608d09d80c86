"""Answers of the callables, and how each is filled from a decision."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from genquota.domain.errors import LimitRefusal, QuotaExceeded
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.decision import Decision
from genquota.messages.answers.refusal_texts import text_of


def rfc3339(at: datetime) -> str:
    """Write an instant in UTC with a `Z`, and with milliseconds only if it has any."""
    has_milliseconds = at.microsecond >= 1000  # noqa: PLR2004 - microseconds in one
    text = at.astimezone(UTC).isoformat(timespec="milliseconds" if has_milliseconds else "seconds")
    return text.replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


class Answer(BaseModel):
    """Anything that is answered."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, frozen=True, defer_build=True
    )

    def to_json(self) -> dict[str, Any]:
        """Return what goes on the wire."""
        # Documents may hold what JSON does not know.
        return self.model_dump(mode="json", by_alias=True, fallback=str)

    def encoded(self) -> str:
        """Return the same as text."""
        return self.model_dump_json(by_alias=True, fallback=str)


class WindowAnswer(Answer):
    """One limit or rate: credits for limits, generations for rates."""

    window: str
    type: str | None
    start: Time
    resets_at: Time
    limit: int
    used: int
    reserved: int
    remaining: int
    is_unlimited: bool
    has_exceeded: bool

    @classmethod
    def of(cls, row: LimitUsage) -> Self:
        return cls(
            window=row.window.value,
            type=row.type,
            start=row.start,
            resets_at=row.resets_at,
            limit=row.limit,
            used=row.used,
            reserved=row.reserved,
            remaining=row.remaining,
            is_unlimited=row.is_unlimited,
            has_exceeded=row.has_exceeded,
        )


class GrantsAnswer(Answer):
    remaining: int
    """Credits."""


class QuotaAnswer(Answer):
    """May this user generate, and what is left? `-1` = unlimited."""

    user_id: str
    plan_id: str | None
    can_generate: bool
    reason: str | None
    message: str
    credits_needed: int
    has_limit: bool
    limit: int
    used: int
    reserved: int
    remaining: int
    resets_at: Time | None
    retry_after_seconds: int | None
    """Whole seconds until it is worth asking again; None: now, or waiting cannot help."""
    grants: GrantsAnswer
    windows: list[WindowAnswer]

    @classmethod
    def fields_of(cls, uid: str, decision: Decision) -> dict[str, Any]:
        """Return the values of all fields, for this shape and those that extend it."""
        row, refusal = decision.tightest_limit, decision.refusal
        resets_at = row.resets_at if row else None
        if isinstance(refusal, QuotaExceeded):
            resets_at = refusal.resets_at
        waits = refusal.retry_after_seconds if isinstance(refusal, LimitRefusal) else None
        return {
            "user_id": uid,
            "plan_id": decision.plan_id,
            "can_generate": decision.can_generate,
            "reason": refusal.reason if refusal else None,
            "message": text_of(refusal) if refusal else _what_is_left(decision),
            "credits_needed": decision.credits,
            "has_limit": row is None or not row.is_unlimited,
            "limit": row.limit if row else 0,
            "used": row.used if row else 0,
            "reserved": row.reserved if row else 0,
            "remaining": row.remaining if row else 0,
            "resets_at": resets_at,
            "retry_after_seconds": waits,
            "grants": GrantsAnswer(remaining=decision.grants_remaining),
            "windows": [WindowAnswer.of(each) for each in decision.usages],
        }

    @classmethod
    def of(cls, uid: str, decision: Decision) -> Self:
        return cls(**cls.fields_of(uid, decision))


class OpenedAnswer(Answer):
    """A generation that was opened, or the replay of one."""

    generation_id: str
    generation_status: str
    credits: int
    expires_at: Time
    replayed: bool
    quota: QuotaAnswer


class ReportedAnswer(Answer):
    """Where a generation stands after a report."""

    generation_id: str
    generation_status: str
    credits: int
    charged: int
    refunded: bool
    quota: QuotaAnswer


class DeletedAnswer(Answer):
    generation_id: str


def _what_is_left(decision: Decision) -> str:
    row = decision.tightest_limit
    if row is None or row.is_unlimited:
        return "No limit applies."
    left = f"{row.remaining} of {row.limit} credits left this {row.window}"
    extra = f", and {decision.grants_remaining} extra" if decision.grants_remaining else ""
    return f"{left}{extra}."
