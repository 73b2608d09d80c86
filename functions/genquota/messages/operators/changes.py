"""Changes of a user by operators: requests, each with a note, and their answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from genquota.domain.quota.decision import Decision
from genquota.messages.answers.callable_answers import Answer, QuotaAnswer, Time
from genquota.messages.answers.stored import Stored
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Instant, Note
from genquota.messages.requests.values import Id, UserId, Whole, Zone

Limit = Annotated[int, Field(ge=-1, lt=2**63), Whole] | None
"""Credits; -1 = unlimited; null takes the operators' word on it back."""
Limits = dict[Literal["day", "week", "month", "quarter", "period"], Limit]


class Noted(Message):
    note: Note
    """Why; kept in the audit log. No personal data."""


class SetPlan(Noted):
    plan_id: Id | None
    """null: whatever they would have without any operator."""
    now: bool = False
    """Though a better plan is paid for."""
    expires_at: Instant | None = None


class SetLimits(Noted):
    """Replaces what it names, up or down; null removes."""

    limits: Limits | None = None
    limits_by_type: dict[Id, Limits | None] | None = None
    rates: dict[Literal["minute", "hour", "maxOpen"], Limit] | None = None
    overage: Limit = None
    expires_at: Instant | None = None

    def terms(self) -> dict[str, Any]:
        """Return what was named, null included."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude={"note"})


class SetRole(Noted):
    role: Literal["user", "service", "admin"]


class SetTimezone(Noted):
    timezone: Zone | None
    """null: DEFAULT_TIMEZONE."""


class SetDisabled(Noted):
    disabled: bool


class GiveGrant(Noted):
    credits: Annotated[int, Field(ge=1, le=1_000_000_000), Whole]
    idempotency_key: Id | None = None
    """Without one, each call is another grant."""
    expires_at: Instant | None = None
    purchased: bool = False


class PutSubscription(Noted):
    """What is left out stays as it was, else the usual: active, from now on, until further notice."""

    plan_id: Id
    status: Literal[
        "active", "trialing", "past_due", "canceled", "expired", "paused", "incomplete"
    ] = "active"
    current_period_start: Instant | None = None
    current_period_end: Instant | None = None
    anchor: Instant | None = None
    cancel_at_period_end: bool | None = None


class SubscriptionPath(Message):
    user_id: UserId
    subscription_id: Id


class GrantPath(Message):
    user_id: UserId
    grant_id: Id


class ChangeAnswer(Answer):
    """What an operator's change did, or in a dry run would do."""

    action: str
    user_id: str
    dry_run: bool
    changed: bool
    """False: it was so before, and nothing was written."""
    id: str | None
    """Of what was made or changed beside the user: a grant, a subscription, a generation."""
    audit_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    quota_before: QuotaAnswer
    quota: QuotaAnswer

    @classmethod
    def of(  # noqa: PLR0913 - what a change tells
        cls,
        user_id: str,
        *,
        action: str,
        dry_run: bool,
        changed: bool,
        about: str | None,
        audit_id: str | None,
        facts: tuple[Mapping[str, Any], Mapping[str, Any]],
        quotas: tuple[Decision, Decision],
    ) -> Self:
        return cls(
            action=action,
            user_id=user_id,
            dry_run=dry_run,
            changed=changed,
            id=about,
            audit_id=audit_id,
            before=dict(facts[0]),
            after=dict(facts[1]),
            quota_before=QuotaAnswer.of(user_id, quotas[0]),
            quota=QuotaAnswer.of(user_id, quotas[1]),
        )


class HiddenAnswer(Answer):
    """A generation that is hidden from its user's history, or in a dry run would be."""

    generation_id: str
    user_id: str
    action: str
    dry_run: bool
    changed: bool
    """False: it was hidden before."""
    audit_id: str | None
    """None: nothing was written, or its own user has hidden it."""
    before: dict[str, Any]
    after: dict[str, Any]


class GrantRecord(Answer):
    """A grant that was given, and what is left of it."""

    id: str
    credits: int
    used: int | None
    """None: it is spent or over, and no longer kept in the user document."""
    remaining: int
    purchased: bool
    given_by: str | None
    created_at: Time | None
    expires_at: Time | None
    revoked_at: Time | None

    @classmethod
    def of(cls, grant_id: str, data: Mapping[str, Any], used: int | None, remaining: int) -> Self:
        stored = Stored(data)
        return cls(
            id=grant_id,
            credits=stored.number("credits") or 0,
            used=used,
            remaining=remaining,
            purchased=stored.flag("purchased"),
            given_by=stored.text("givenBy"),
            created_at=stored.time("createdAt"),
            expires_at=stored.time("expiresAt"),
            revoked_at=stored.time("revokedAt"),
        )
