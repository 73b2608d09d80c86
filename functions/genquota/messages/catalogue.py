"""Plans as they are shown."""

from collections.abc import Mapping
from typing import Any, Self

from genquota.messages.answers import Answer
from genquota.messages.stored import Stored


class PlanAnswer(Answer):
    """A plan: what its document says, and the defaults of what it does not say."""

    id: str
    name: str
    tier: str
    rank: int
    active: bool
    limits: dict[str, Any]
    limits_by_type: dict[str, Any]
    rates: dict[str, Any]
    prices: list[dict[str, Any]]
    overage: int
    period: dict[str, Any]
    trial_days: int | None
    products: dict[str, Any]
    version: int | None

    @classmethod
    def of(cls, plan_id: str, data: Mapping[str, Any]) -> Self:
        stored = Stored(data)
        period = {"unit": "month", "count": 1, "anchor": "subscription"}
        return cls(
            id=plan_id,
            name=stored.text("name") or plan_id,
            tier=stored.text("tier") or plan_id,
            rank=stored.number("rank") or 0,
            active=data.get("active", True) is True,
            limits=stored.map("limits") or {},
            limits_by_type=stored.map("limitsByType") or {},
            rates=stored.map("rates") or {},
            prices=stored.list("prices", dict) or [],
            overage=stored.number("overage") or 0,
            period={**period, **(stored.map("period") or {})},
            trial_days=stored.number("trialDays"),
            products=stored.map("products") or {},
            version=stored.number("version"),
        )
