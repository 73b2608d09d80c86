"""Users as admins see them; subscriptions as their owners do, too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from genquota.domain.quota.account import Account, Grant
from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import (
    StoredAnswer,
    StoredCount,
    StoredFlag,
    StoredMap,
    StoredText,
    StoredTime,
)
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


class UserAnswer(StoredAnswer):
    """A user's document, without what only Genquota reads."""

    user_id: str
    email: StoredText
    display_name: StoredText
    photo_url: StoredText = Field(alias="photoURL")
    timezone: StoredText
    role: Annotated[
        str, BeforeValidator(lambda value: value if isinstance(value, str) and value else "user")
    ]
    disabled: StoredFlag
    plan_id: StoredText
    """Their own, which counts while no subscription is in force."""
    generated_count: StoredCount
    output_count: StoredCount
    current_period_count: StoredCount
    last_reset_date: StoredTime
    next_reset_date: StoredTime
    last_generation_at: StoredTime
    created_at: StoredTime
    updated_at: StoredTime
    is_deleted: StoredFlag
    deleted_at: StoredTime


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
        return cls.from_document(
            data,
            user_id=account.uid,
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


class SubscriptionRecord(StoredAnswer):
    """One subscription, whatever sold it."""

    id: str
    user_id: StoredText
    provider: StoredText
    plan_id: StoredText
    next_plan_id: StoredText
    """The plan from `currentPeriodEnd` on, if it is another."""
    status: StoredText
    current_period_start: StoredTime
    current_period_end: StoredTime
    anchor: StoredTime
    trial_start: StoredTime
    trial_end: StoredTime
    cancel_at_period_end: StoredFlag
    provider_customer_id: StoredText
    provider_updated_at: StoredTime
    created_at: StoredTime
    updated_at: StoredTime
    metadata: StoredMap
