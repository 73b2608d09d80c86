"""Changes of a user by operators: requests, each with a note, and their answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from genquota.domain.bounds import MAX_CREDITS, MAX_INTEGER
from genquota.domain.changes.overrides import (
    MAX_OPEN_NAME,
    OVERAGE_NAME,
    LimitChanges,
    LimitName,
)
from genquota.domain.enums import LIMIT_WINDOWS, RATE_WINDOWS, Window
from genquota.domain.quota.decision import Decision
from genquota.messages.answers.callable_answers import Answer, QuotaAnswer
from genquota.messages.answers.stored import (
    StoredAnswer,
    StoredCount,
    StoredFlag,
    StoredText,
    StoredTime,
)
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Instant
from genquota.messages.requests.values import Id, LimitWindow, Note, UserId, Whole, Zone

Limit = Annotated[int, Field(ge=-1, lt=MAX_INTEGER + 1), Whole] | None
"""Credits; -1 = unlimited; null takes the operators' word on it back."""
Limits = dict[LimitWindow, Limit]


_RATES: dict[str, LimitName] = {
    **{window.value: window for window in RATE_WINDOWS},
    MAX_OPEN_NAME: MAX_OPEN_NAME,
}


class Noted(Message):
    note: Note
    """Why; kept in the audit log. No personal data."""


class SetPlan(Noted):
    plan_id: Id | None
    """null: whatever they would have without any operator."""
    now: bool = False
    """Though a better plan is paid for."""
    expires_at: Instant | None = None


class LimitTerms(Message):
    """Limits, rates and overage of one user; null gives the plan's value back."""

    limits: Limits | None = None
    limits_by_type: dict[Id, Limits | None] | None = None
    rates: dict[Literal["minute", "hour", "maxOpen"], Limit] | None = None
    overage: Limit = None
    expires_at: Instant | None = None

    def changes(self) -> LimitChanges:
        """Return what was named, null included."""
        named, by_type = self.model_fields_set, self.limits_by_type
        values: dict[LimitName, int | str | None] = {}
        if "limits" in named:
            values |= _limit_values(self.limits, None)
        for type_, limits in (by_type or {}).items():
            values |= _limit_values(limits, type_)
        if "rates" in named:
            rates = dict.fromkeys(_RATES) if self.rates is None else self.rates
            values |= {_RATES[name]: value for name, value in rates.items()}
        if "overage" in named:
            values[OVERAGE_NAME] = self.overage
        removes_types = "limits_by_type" in named and by_type is None
        return LimitChanges(values, self.expires_at, removes_types)


class SetLimits(LimitTerms, Noted):
    """Replaces what it names, up or down; null removes."""


def _limit_values(limits: Limits | None, type_: str | None) -> dict[LimitName, int | str | None]:
    values = dict.fromkeys(LIMIT_WINDOWS) if limits is None else limits
    return {(Window(name), type_): credits for name, credits in values.items()}


class SetRole(Noted):
    role: Literal["user", "service", "admin"]


class SetTimezone(Noted):
    timezone: Zone | None
    """null: DEFAULT_TIMEZONE."""


class SetDisabled(Noted):
    disabled: bool


class GiveGrant(Noted):
    credits: Annotated[int, Field(ge=1, le=MAX_CREDITS), Whole]
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


class GrantRecord(StoredAnswer):
    """A grant that was given, and what is left of it."""

    id: str
    credits: StoredCount
    used: int | None
    """None: it is spent or over, and no longer kept in the user document."""
    remaining: int
    purchased: StoredFlag
    given_by: StoredText
    created_at: StoredTime
    expires_at: StoredTime
    revoked_at: StoredTime
