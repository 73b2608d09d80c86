"""Users as admins see them; subscriptions as their owners do, too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from genquota.domain.quota.account import Account, Grant
from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import Stored
from genquota.messages.answers.usage import UsageAnswer
from genquota.messages.requests.queries import Instant, Paged
from genquota.messages.requests.values import Id, Text


class UsersQuery(Paged):
    email: Annotated[Text, Field(min_length=1, max_length=320)] | None = None
    role: Literal["user", "service", "admin"] | None = None
    plan_id: Id | None = None


class SubscriptionsQuery(Paged):
    """`endsBefore` is not included."""

    status: (
        Literal["active", "trialing", "past_due", "canceled", "expired", "paused", "incomplete"]
        | None
    ) = None
    plan_id: Id | None = None
    ends_before: Instant | None = None


class UserAnswer(Answer):
    """A user's document, without what only Genquota reads."""

    user_id: str
    email: str | None
    display_name: str | None
    photo_url: str | None = Field(alias="photoURL")
    timezone: str | None
    role: str
    disabled: bool
    plan_id: str | None
    """Their own, which counts while no subscription is in force."""
    generated_count: int
    output_count: int
    current_period_count: int
    last_reset_date: Time | None
    next_reset_date: Time | None
    last_generation_at: Time | None
    created_at: Time | None
    updated_at: Time | None
    is_deleted: bool
    deleted_at: Time | None

    @classmethod
    def fields_of(cls, uid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        stored = Stored(data)
        return {
            "user_id": uid,
            "email": stored.text("email"),
            "display_name": stored.text("displayName"),
            "photo_url": stored.text("photoURL"),
            "timezone": stored.text("timezone"),
            "role": stored.text("role") or "user",
            "disabled": stored.flag("disabled"),
            "plan_id": stored.text("planId"),
            "generated_count": stored.number("generatedCount") or 0,
            "output_count": stored.number("outputCount") or 0,
            "current_period_count": stored.number("currentPeriodCount") or 0,
            "last_reset_date": stored.time("lastResetDate"),
            "next_reset_date": stored.time("nextResetDate"),
            "last_generation_at": stored.time("lastGenerationAt"),
            "created_at": stored.time("createdAt"),
            "updated_at": stored.time("updatedAt"),
            "is_deleted": stored.flag("isDeleted"),
            "deleted_at": stored.time("deletedAt"),
        }

    @classmethod
    def of(cls, uid: str, data: Mapping[str, Any]) -> Self:
        return cls(**cls.fields_of(uid, data))


class GrantAnswer(Answer):
    """Extra credits, as they stand."""

    id: str
    credits: int
    used: int
    expires_at: Time | None
    purchased: bool
    revoked: bool

    @classmethod
    def of(cls, grant_id: str, grant: Grant) -> Self:
        return cls(
            id=grant_id,
            credits=grant.credits,
            used=grant.used,
            expires_at=grant.expires_at,
            purchased=grant.purchased,
            revoked=grant.revoked,
        )


class OverrideAnswer(Answer):
    """An operator's change of the user's terms; what it does not name stays as the plan says."""

    id: str
    plan_id: str | None
    limits: dict[str, int]
    limits_by_type: dict[str, dict[str, int]]
    rates: dict[str, int]
    overage: int | None
    expires_at: Time | None


class UserInFull(UserAnswer):
    """A user, and all that decides about their quota."""

    usage: UsageAnswer
    grants: list[GrantAnswer]
    overrides: list[OverrideAnswer]

    @classmethod
    def about(
        cls, account: Account, data: Mapping[str, Any], usage: UsageAnswer, now: datetime
    ) -> Self:
        return cls(
            **cls.fields_of(account.uid, data),
            usage=usage,
            grants=[GrantAnswer.of(key, grant) for key, grant in sorted(account.grants.items())],
            overrides=_overrides(account, now),
        )


def _overrides(account: Account, now: datetime) -> list[OverrideAnswer]:
    answers = []
    for override in account.overrides:
        if not override.is_active(now):
            continue
        limits: dict[str | None, dict[str, int]] = {}
        for (window, type_), credits in override.limits.items():
            limits.setdefault(type_, {})[window.value] = credits
        most = override.rates.max_open
        rates = {window.value: count for window, count in override.rates.per_window.items()}
        answers.append(
            OverrideAnswer(
                id=override.id,
                plan_id=override.plan_id,
                limits=limits.pop(None, {}),
                limits_by_type={str(type_): named for type_, named in limits.items()},
                rates=rates if most is None else {**rates, "maxOpen": most},
                overage=override.overage,
                expires_at=override.expires_at,
            )
        )
    return answers


class SubscriptionRecord(Answer):
    """One subscription, whatever sold it."""

    id: str
    user_id: str | None
    provider: str | None
    plan_id: str | None
    next_plan_id: str | None
    """The plan from `currentPeriodEnd` on, if it is another."""
    status: str | None
    current_period_start: Time | None
    current_period_end: Time | None
    anchor: Time | None
    trial_start: Time | None
    trial_end: Time | None
    cancel_at_period_end: bool
    provider_customer_id: str | None
    provider_updated_at: Time | None
    created_at: Time | None
    updated_at: Time | None
    metadata: dict[str, Any]

    @classmethod
    def of(cls, subscription_id: str, data: Mapping[str, Any]) -> Self:
        stored = Stored(data)
        return cls(
            id=subscription_id,
            user_id=stored.text("userId"),
            provider=stored.text("provider"),
            plan_id=stored.text("planId"),
            next_plan_id=stored.text("nextPlanId"),
            status=stored.text("status"),
            current_period_start=stored.time("currentPeriodStart"),
            current_period_end=stored.time("currentPeriodEnd"),
            anchor=stored.time("anchor"),
            trial_start=stored.time("trialStart"),
            trial_end=stored.time("trialEnd"),
            cancel_at_period_end=stored.flag("cancelAtPeriodEnd"),
            provider_customer_id=stored.text("providerCustomerId"),
            provider_updated_at=stored.time("providerUpdatedAt"),
            created_at=stored.time("createdAt"),
            updated_at=stored.time("updatedAt"),
            metadata=stored.map("metadata") or {},
        )
