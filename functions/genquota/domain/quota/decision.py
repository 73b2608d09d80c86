"""The quota decision: may this user generate? Used for checks, reservations and usage."""

from datetime import datetime, timedelta

from genquota.domain.enums import LIMIT_WINDOWS, UNLIMITED, Window
from genquota.domain.errors import LimitRefusal, NoPlan, QuotaExceeded, RateExceeded, TooManyOpen
from genquota.domain.plans.plans import Plan
from genquota.domain.policy import MAX_OPEN, Policy
from genquota.domain.quota.account import Account, Allocation, ReservedCredits
from genquota.domain.quota.allocation import (
    LimitUsage,
    allocate_credits,
    available_grants,
    limit_usages,
    rate_usages,
)
from genquota.domain.records import dataclass

Refusal = LimitRefusal | NoPlan


@dataclass(frozen=True, slots=True)
class QuotaRequest:
    """The type, engine, quality and count of a generation to decide on."""

    type: str = "image"
    engine: str | None = None
    quality: str = "standard"
    count: int = 1
    credits: int | None = None
    """Named by a service or an admin instead of the plan's price."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and all facts that led to it."""

    plan: Plan | None
    plan_id: str | None
    """The plan in force, known or not."""
    credits: int
    usages: tuple[LimitUsage, ...]
    """Limits shortest window first (day and period always), then rates; what speaks of one type
    follows what speaks of all."""
    tightest_limit: LimitUsage | None
    """The limit that clients show; None without a plan."""
    grants_remaining: int
    hold: timedelta
    allocation: Allocation
    """Who would pay; meaningful unless refused."""
    refusal: Refusal | None

    @property
    def can_generate(self) -> bool:
        return self.refusal is None


def decide(
    account: Account,
    plan: Plan | None,
    plan_id: str | None,
    quota_request: QuotaRequest,
    now: datetime,
    policy: Policy,
) -> Decision:
    """Decide whether the account may reserve ``quota_request`` at ``now``.

    Args:
        account: Rolled to ``now``.
        plan: The terms in force, overrides applied; None if there are none.
        plan_id: What they are called, also when there are none.
        quota_request: What is asked for.
        now: Aware, UTC.
        policy: Gives the usual length of a hold, and who may have the default plan.
    """
    reserved = ReservedCredits.of(account, now)
    grants = available_grants(account, reserved, now)
    grants_remaining = sum(part.credits for part in grants)
    if plan is None:
        credits = quota_request.count if quota_request.credits is None else quota_request.credits
        return Decision(
            plan=None,
            plan_id=plan_id,
            credits=credits,
            usages=(),
            tightest_limit=None,
            grants_remaining=grants_remaining,
            hold=policy.hold,
            allocation=Allocation(0),
            refusal=NoPlan(plan_id, plan_id is None and account.must_verify(policy)),
        )
    credits, hold = _price(plan, quota_request, policy)
    usages = limit_usages(account, plan, reserved)
    binding = [
        usage
        for usage in usages
        if usage.type in (None, quota_request.type) and not usage.is_unlimited
    ]
    allocation, refused = allocate_credits(binding, plan.overage, credits, grants)
    rates = rate_usages(account, plan)
    refusal: Refusal | None = None
    tightest_limit = _tightest_limit(binding, usages)
    if refused:
        tightest_limit = refused[-1]
        refusal = _quota_refusal(tightest_limit, credits, plan.overage, now)
    else:
        refusal = _open_refusal(account, plan, now) or _rate_refusal(rates, now)
    return Decision(
        plan=plan,
        plan_id=plan_id,
        credits=credits,
        usages=(*usages, *rates),
        tightest_limit=tightest_limit,
        grants_remaining=grants_remaining,
        hold=hold,
        allocation=allocation,
        refusal=refusal,
    )


def _price(plan: Plan, quota_request: QuotaRequest, policy: Policy) -> tuple[int, timedelta]:
    """Return credits and length of hold: the first price rule that matches, else 1 per output."""
    each, hold = 1, policy.hold
    for price in plan.prices:
        if price.matches(quota_request.type, quota_request.engine, quota_request.quality):
            each, hold = price.credits, price.hold or policy.hold
            break
    return (
        each * quota_request.count if quota_request.credits is None else quota_request.credits
    ), hold


def _tightest_limit(binding: list[LimitUsage], usages: tuple[LimitUsage, ...]) -> LimitUsage:
    """Return the limit with least remaining, ties to the longest; unlimited: the period."""
    if binding:
        return min(binding, key=lambda usage: (usage.remaining, -LIMIT_WINDOWS.index(usage.window)))
    return next(usage for usage in usages if usage.window is Window.PERIOD and usage.type is None)


def _quota_refusal(usage: LimitUsage, credits: int, overage: int, now: datetime) -> QuotaExceeded:
    hopeless = credits > usage.limit + overage
    return QuotaExceeded(
        now=now,
        window=usage.window,
        type=usage.type,
        limit=usage.limit,
        used=usage.used,
        reserved=usage.reserved,
        remaining=usage.remaining,
        requested=credits,
        resets_at=None if hopeless else usage.resets_at,
    )


def _open_refusal(account: Account, plan: Plan, now: datetime) -> TooManyOpen | None:
    most = plan.rates.max_open
    limit = MAX_OPEN if most is None or most == UNLIMITED else min(most, MAX_OPEN)
    live = account.active_holds(now)
    if len(live) < limit:
        return None
    return TooManyOpen(
        now=now,
        window="open",
        type=None,
        limit=limit,
        used=0,
        reserved=len(live),
        remaining=0,
        requested=1,
        resets_at=min((hold.end for hold in live), default=None),
    )


def _rate_refusal(rates: tuple[LimitUsage, ...], now: datetime) -> RateExceeded | None:
    refused = [usage for usage in rates if usage.has_exceeded]
    if not refused:
        return None
    usage = max(refused, key=lambda usage: usage.resets_at)
    return RateExceeded(
        now=now,
        window=usage.window,
        type=None,
        limit=usage.limit,
        used=usage.used,
        reserved=0,
        remaining=0,
        requested=1,
        resets_at=None if usage.limit < 1 else usage.resets_at,
    )
