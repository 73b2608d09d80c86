"""Plans and overrides, and the terms in force for one user at one instant."""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta

from genquota.domain.enums import Anchor, Unit, Window
from genquota.domain.records import dataclass

LimitKey = tuple[Window, str | None]
"""What a limit speaks of: a window, and a type or (None) all types together."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price rule: it matches when each field that it names does."""

    credits: int
    type: str | None = None
    engine: str | None = None
    quality: str | None = None
    hold: timedelta | None = None

    def matches(self, type_: str, engine: str | None, quality: str) -> bool:
        return (
            self.type in (None, type_)
            and self.engine in (None, engine)
            and self.quality in (None, quality)
        )


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """How long the allowance of a plan lasts, and what it steps from."""

    unit: Unit = Unit.MONTH
    count: int = 1
    anchor: Anchor = Anchor.SUBSCRIPTION


@dataclass(frozen=True, slots=True)
class Rates:
    """Generations that may start per minute and hour, and that may be open at once; None = any."""

    per_window: Mapping[Window, int] = field(default_factory=dict)
    max_open: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A named set of limits, rates and prices."""

    id: str
    limits: Mapping[LimitKey, int]
    """Credits; -1 = unlimited; a window that is not named is not limited."""
    rates: Rates = Rates()
    prices: tuple[Price, ...] = ()
    overage: int = 0
    """Credits beyond the limits; -1 = unlimited."""
    period: PeriodRule = PeriodRule()
    name: str = ""
    tier: str = ""
    rank: int = 0
    active: bool = True
    """Whether users see it; who is on it keeps it in any case."""
    trial_days: int | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """An operator's change of one user's terms. What it leaves as None or out stays as it is."""

    id: str
    plan_id: str | None = None
    limits: Mapping[LimitKey, int] = field(default_factory=dict)
    rates: Rates = Rates()
    overage: int | None = None
    expires_at: datetime | None = None
    created_at: datetime | None = field(default=None, compare=False)
    """Gives their order, and nothing else."""

    def is_active(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


def apply_overrides(plan: Plan, overrides: Iterable[Override], now: datetime) -> Plan:
    """Return the plan with the user's live overrides laid over it, the later over the earlier."""
    for override in overrides:
        if not override.is_active(now):
            continue
        rates = Rates(
            {**plan.rates.per_window, **override.rates.per_window},
            plan.rates.max_open if override.rates.max_open is None else override.rates.max_open,
        )
        plan = replace(
            plan,
            limits={**plan.limits, **override.limits},
            rates=rates,
            overage=plan.overage if override.overage is None else override.overage,
        )
    return plan


def _shipped(id_: str, name: str, rank: int, credits: int) -> Plan:
    return Plan(id=id_, limits={(Window.PERIOD, None): credits}, name=name, tier=id_, rank=rank)


SHIPPED_PLANS = {
    plan.id: plan
    for plan in (
        _shipped("free", "Free", 0, 10),
        _shipped("plus", "Plus", 1, 100),
        _shipped("pro", "Pro", 2, 1000),
    )
}
"""What the ids mean until a document `plans/{id}` says otherwise."""
