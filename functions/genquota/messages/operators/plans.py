"""Plans: requests to write them, and answers."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field

from genquota.domain.bounds import (
    MAX_CREDITS,
    MAX_HOLD_SECONDS,
    MAX_INTEGER,
    MAX_PERIOD_UNITS,
    MAX_TRIAL_DAYS,
)
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.decision import Decision
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.answers.stored import (
    StoredAnswer,
    StoredCount,
    StoredFlag,
    StoredMap,
    StoredMaps,
    StoredNumber,
    StoredText,
    StoredTextOrEmpty,
)
from genquota.messages.operators.changes import Noted
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.values import (
    Engine,
    Id,
    LimitWindow,
    ProviderName,
    Text,
    Whole,
)


class PlanAnswer(StoredAnswer):
    """A plan: what its document says, and the defaults of what it does not say."""

    id: str
    name: StoredTextOrEmpty
    tier: StoredTextOrEmpty
    rank: StoredCount
    active: StoredFlag
    limits: StoredMap
    limits_by_type: StoredMap
    rates: StoredMap
    prices: StoredMaps
    overage: StoredCount
    period: StoredMap
    trial_days: StoredNumber
    products: StoredMap
    version: StoredNumber
    users: int | None
    """On it when they were last written; None: it was not asked for, or is not for this caller."""

    @classmethod
    def of(cls, plan_id: str, data: Mapping[str, Any], users: int | None = None) -> Self:
        plan = cls.from_document(data, id=plan_id, active=data.get("active", True), users=users)
        return plan.model_copy(
            update={
                "name": plan.name or plan_id,
                "tier": plan.tier or plan_id,
                "period": {"unit": "month", "count": 1, "anchor": "subscription", **plan.period},
            }
        )


V = TypeVar("V")


def _named(entries: dict[str, V | None]) -> dict[str, V]:
    """Drop null values: they are not given."""
    return {name: value for name, value in entries.items() if value is not None}


Named = AfterValidator(_named)
Number = Annotated[int, Field(ge=-1, lt=MAX_INTEGER + 1), Whole]
"""-1 = unlimited."""
Limits = Annotated[dict[LimitWindow, Number | None], Named]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Products = Annotated[list[Name], Field(max_length=100)]


class PutPrice(Message):
    """The first rule whose named fields all match."""

    credits: Annotated[int, Field(ge=0, le=MAX_CREDITS), Whole]
    """Of one output."""
    type: Id | None = None
    engine: Engine | None = None
    quality: Literal["standard", "hd"] | None = None
    hold_seconds: Annotated[int, Field(ge=1, le=MAX_HOLD_SECONDS), Whole] | None = None


class PutPeriod(Message):
    unit: Literal["day", "week", "month", "year"] = "month"
    count: Annotated[int, Field(ge=1, le=MAX_PERIOD_UNITS), Whole] = 1
    anchor: Literal["subscription", "calendar", "signup"] = "subscription"


class PlanTerms(Message):
    """All that a plan says; what is left out has its default."""

    limits: Limits
    name: Name | None = None
    tier: Name | None = None
    rank: Number | None = None
    active: bool = True
    limits_by_type: Annotated[dict[Id, Limits | None], Named] | None = None
    rates: Annotated[dict[Literal["minute", "hour", "maxOpen"], Number | None], Named] | None = None
    prices: Annotated[list[PutPrice], Field(max_length=100)] | None = None
    overage: Number | None = None
    period: PutPeriod | None = None
    trial_days: Annotated[int, Field(ge=1, le=MAX_TRIAL_DAYS), Whole] | None = None
    products: Annotated[dict[ProviderName, Products | None], Named] | None = None
    version: Annotated[int, Field(ge=0, lt=MAX_INTEGER + 1), Whole] | None = None
    """Of the plan that was read before; if it has another by now, nothing is written."""

    def terms(self) -> dict[str, Any]:
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"note"})


class PutPlan(Noted, PlanTerms):
    """All that the plan says from now on; what is left out has its default."""


class PlanPath(Message):
    plan_id: Id


class OverLimit(Answer):
    """A limit of which more is taken than it would allow, in credits (rates: generations)."""

    window: str
    type: str | None
    taken: int
    """Used and open."""
    limit: int
    limit_before: int | None
    """None: the plan does not name it now."""

    @classmethod
    def of(cls, row: LimitUsage, before: Decision) -> Self:
        same = (
            each for each in before.usages if (each.window, each.type) == (row.window, row.type)
        )
        now = next(same, None)
        return cls(
            window=row.window.value,
            type=row.type,
            taken=row.used + row.reserved,
            limit=row.limit,
            limit_before=now.limit if now else None,
        )


class AffectedUser(StoredAnswer):
    """A user who would be over a limit, or be refused an image where they are not now."""

    user_id: str
    email: StoredText
    display_name: StoredText
    reason_before: str | None
    """Why an image would be refused now; None: it would not."""
    reason: str | None
    """Why it would be refused then."""
    over: list[OverLimit]

    @classmethod
    def of(
        cls,
        uid: str,
        data: Mapping[str, Any],
        before: Decision,
        after: Decision,
        over: Iterable[LimitUsage],
    ) -> Self:
        return cls.from_document(
            data,
            user_id=uid,
            reason_before=before.refusal.reason if before.refusal else None,
            reason=after.refusal.reason if after.refusal else None,
            over=[OverLimit.of(row, before) for row in over],
        )


class WhatIfAnswer(Answer):
    """Who of a page of a plan's users would meet a limit, and where the next page begins."""

    plan_id: str
    checked: int
    """Users of this page."""
    items: list[AffectedUser]
    cursor: str | None


class PlanChange(Answer):
    """What writing a plan did, or in a dry run would do."""

    action: str
    plan_id: str
    dry_run: bool
    changed: bool
    audit_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    plan: PlanAnswer
