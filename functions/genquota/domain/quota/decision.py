"""May this user generate? The one decision behind checking, reserving and reporting usage."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from genquota.domain.errors import LimitRefusal, NoPlan, QuotaExceeded, RateExceeded, TooManyOpen
from genquota.domain.plans.plans import Plan
from genquota.domain.policy import MAX_OPEN, Policy
from genquota.domain.quota.account import Account, Reserved, Split
from genquota.domain.quota.allocation import available_grants, split_credits
from genquota.domain.quota.limit_usage import Row, limit_rows, rate_rows
from genquota.domain.words import LIMIT_WINDOWS, UNLIMITED, Window

Refusal = LimitRefusal | NoPlan


@dataclass(frozen=True, slots=True)
class Ask:
    """What a generation would be."""

    type: str = "image"
    engine: str | None = None
    quality: str = "standard"
    count: int = 1
    credits: int | None = None
    """Named by a service or an admin instead of the plan's price."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and all that led to it."""

    plan: Plan | None
    plan_id: str | None
    """The plan in force, known or not."""
    credits: int
    rows: tuple[Row, ...]
    """Limits shortest window first (day and period always), then rates; what speaks of one type
    follows what speaks of all."""
    headline: Row | None
    """The limit that clients show; None without a plan."""
    grants_remaining: int
    hold: timedelta
    split: Split
    """Who would pay; meaningful unless refused."""
    refusal: Refusal | None

    @property
    def can_generate(self) -> bool:
        return self.refusal is None


def decide(
    account: Account,
    plan: Plan | None,
    plan_id: str | None,
    ask: Ask,
    now: datetime,
    policy: Policy,
) -> Decision:
    """Decide whether the account may reserve ``ask`` at ``now``.

    Args:
        account: Rolled to ``now``.
        plan: The terms in force, overrides applied; None if there are none.
        plan_id: What they are called, also when there are none.
        ask: What is asked for.
        now: Aware, UTC.
        policy: Gives the usual length of a hold, and who may have the default plan.
    """
    reserved = Reserved.of(account, now)
    grants = available_grants(account, reserved, now)
    grants_remaining = sum(part.credits for part in grants)
    if plan is None:
        credits = ask.count if ask.credits is None else ask.credits
        return Decision(
            plan=None,
            plan_id=plan_id,
            credits=credits,
            rows=(),
            headline=None,
            grants_remaining=grants_remaining,
            hold=policy.hold,
            split=Split(0),
            refusal=NoPlan(plan_id, plan_id is None and account.must_verify(policy)),
        )
    credits, hold = _price(plan, ask, policy)
    rows = limit_rows(account, plan, reserved)
    binding = [row for row in rows if row.type in (None, ask.type) and not row.is_unlimited]
    split, refused = split_credits(binding, plan.overage, credits, grants)
    rates = rate_rows(account, plan)
    refusal: Refusal | None = None
    headline = _headline(binding, rows)
    if refused:
        headline = refused[-1]
        refusal = _quota_refusal(headline, credits, plan.overage, now)
    else:
        refusal = _open_refusal(account, plan, now) or _rate_refusal(rates, now)
    return Decision(
        plan=plan,
        plan_id=plan_id,
        credits=credits,
        rows=(*rows, *rates),
        headline=headline,
        grants_remaining=grants_remaining,
        hold=hold,
        split=split,
        refusal=refusal,
    )


def _price(plan: Plan, ask: Ask, policy: Policy) -> tuple[int, timedelta]:
    """Return credits and length of hold: the first price rule that matches, else 1 per output."""
    each, hold = 1, policy.hold
    for price in plan.prices:
        if price.matches(ask.type, ask.engine, ask.quality):
            each, hold = price.credits, price.hold or policy.hold
            break
    return (each * ask.count if ask.credits is None else ask.credits), hold


def _headline(binding: list[Row], rows: tuple[Row, ...]) -> Row:
    """Return the limit with least remaining, ties to the longest; unlimited: the period."""
    if binding:
        return min(binding, key=lambda row: (row.remaining, -LIMIT_WINDOWS.index(row.window)))
    return next(row for row in rows if row.window is Window.PERIOD and row.type is None)


def _quota_refusal(row: Row, credits: int, overage: int, now: datetime) -> QuotaExceeded:
    hopeless = credits > row.limit + overage
    return QuotaExceeded(
        now=now,
        window=row.window,
        type=row.type,
        limit=row.limit,
        used=row.used,
        reserved=row.reserved,
        remaining=row.remaining,
        requested=credits,
        resets_at=None if hopeless else row.resets_at,
    )


def _open_refusal(account: Account, plan: Plan, now: datetime) -> TooManyOpen | None:
    most = plan.rates.max_open
    limit = MAX_OPEN if most is None or most == UNLIMITED else min(most, MAX_OPEN)
    live = account.live_holds(now)
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


def _rate_refusal(rates: tuple[Row, ...], now: datetime) -> RateExceeded | None:
    refused = [row for row in rates if row.has_exceeded]
    if not refused:
        return None
    row = max(refused, key=lambda row: row.resets_at)
    return RateExceeded(
        now=now,
        window=row.window,
        type=None,
        limit=row.limit,
        used=row.used,
        reserved=0,
        remaining=0,
        requested=1,
        resets_at=None if row.limit < 1 else row.resets_at,
    )
