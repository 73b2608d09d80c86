"""May this user generate? The one decision behind checking, reserving and reporting usage."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from genquota.domain.account import Account, GrantPart, Reserved, Split
from genquota.domain.errors import LimitRefusal, NoPlan, QuotaExceeded, RateExceeded, TooManyOpen
from genquota.domain.plans import LimitKey, Plan
from genquota.domain.policy import MAX_OPEN, Policy
from genquota.domain.words import LIMIT_WINDOWS, RATE_WINDOWS, UNLIMITED, Window

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
class Row:
    """One limit or rate and how much of it is taken."""

    window: Window
    type: str | None
    start: datetime
    resets_at: datetime
    limit: int
    used: int
    reserved: int

    @property
    def is_unlimited(self) -> bool:
        return self.limit == UNLIMITED

    @property
    def remaining(self) -> int:
        return UNLIMITED if self.is_unlimited else max(0, self.limit - self.used - self.reserved)

    @property
    def has_exceeded(self) -> bool:
        return not self.is_unlimited and self.used + self.reserved >= self.limit


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
        policy: Gives the usual length of a hold.
    """
    reserved = Reserved.of(account, now)
    grants = _available_grants(account, reserved, now)
    grants_remaining = sum(part.credits for part in grants)
    if plan is None:
        credits = ask.count if ask.credits is None else ask.credits
        return Decision(
            None,
            plan_id,
            credits,
            (),
            None,
            grants_remaining,
            policy.hold,
            Split(0),
            NoPlan(plan_id),
        )
    credits, hold = _price(plan, ask, policy)
    rows = _limit_rows(account, plan, reserved)
    binding = [row for row in rows if row.type in (None, ask.type) and not row.is_unlimited]
    split, refused = _pay(binding, plan.overage, credits, grants)
    rates = _rate_rows(account, plan)
    refusal: Refusal | None = None
    headline = _headline(binding, rows)
    if refused:
        headline = refused[-1]
        refusal = _quota_refusal(headline, credits, plan.overage)
    else:
        refusal = _open_refusal(account, plan, now) or _rate_refusal(rates)
    return Decision(
        plan, plan_id, credits, (*rows, *rates), headline, grants_remaining, hold, split, refusal
    )


def _price(plan: Plan, ask: Ask, policy: Policy) -> tuple[int, timedelta]:
    """Return credits and length of hold: the first price rule that matches, else 1 per output."""
    each, hold = 1, policy.hold
    for price in plan.prices:
        if price.matches(ask.type, ask.engine, ask.quality):
            each, hold = price.credits, price.hold or policy.hold
            break
    return (each * ask.count if ask.credits is None else ask.credits), hold


def _available_grants(account: Account, reserved: Reserved, now: datetime) -> list[GrantPart]:
    """Return what each live grant still has, in the order of spending: soonest expiry first."""
    parts = [
        GrantPart(
            grant_id,
            grant.credits - grant.used - reserved.by_grant.get(grant_id, 0),
            grant.expires_at,
        )
        for grant_id, grant in account.grants.items()
        if grant.is_live(now)
    ]
    return sorted(
        (part for part in parts if part.credits > 0),
        key=lambda part: (part.expires_at is None, part.expires_at or now, part.grant_id),
    )


def _limit_rows(account: Account, plan: Plan, reserved: Reserved) -> tuple[Row, ...]:
    limits: dict[LimitKey, int] = {
        (Window.DAY, None): UNLIMITED,
        (Window.PERIOD, None): UNLIMITED,
        **plan.limits,
    }
    rows = []
    for window, type_ in sorted(
        limits, key=lambda key: (key[1] is not None, LIMIT_WINDOWS.index(key[0]), key[1] or "")
    ):
        counter = account.windows[window]
        rows.append(
            Row(
                window,
                type_,
                counter.span.start,
                counter.span.end,
                limits[window, type_],
                counter.used_by(type_),
                reserved.by_limit.get((window, type_), 0),
            )
        )
    return tuple(rows)


def _rate_rows(account: Account, plan: Plan) -> tuple[Row, ...]:
    return tuple(
        Row(
            window,
            None,
            account.windows[window].span.start,
            account.windows[window].span.end,
            plan.rates.per_window[window],
            account.windows[window].used_by(None),
            0,
        )
        for window in RATE_WINDOWS
        if window in plan.rates.per_window
    )


def _pay(
    binding: list[Row], overage: int, credits: int, grants: list[GrantPart]
) -> tuple[Split, list[Row]]:
    """Split the credits: first the plan's room, then grants, then overage.

    Returns:
        The split, and the rows that refuse it, the one that resets last at the end.
    """
    room = min((row.limit - row.used - row.reserved for row in binding), default=credits)
    in_plan = min(credits, max(0, room))
    missing = credits - in_plan
    parts = []
    for grant in grants:
        if not missing:
            break
        part = replace(grant, credits=min(missing, grant.credits))
        parts.append(part)
        missing -= part.credits
    split = Split(in_plan + missing, tuple(parts))
    if not missing or overage == UNLIMITED:
        return split, []
    refused = [
        row for row in binding if row.used + row.reserved + split.windows > row.limit + overage
    ]
    refused.sort(
        key=lambda row: (
            credits > row.limit + overage,
            row.resets_at,
            LIMIT_WINDOWS.index(row.window),
        )
    )
    return split, refused


def _headline(binding: list[Row], rows: tuple[Row, ...]) -> Row:
    """Return the limit with least remaining, ties to the longest; unlimited: the period."""
    if binding:
        return min(binding, key=lambda row: (row.remaining, -LIMIT_WINDOWS.index(row.window)))
    return next(row for row in rows if row.window is Window.PERIOD and row.type is None)


def _quota_refusal(row: Row, credits: int, overage: int) -> QuotaExceeded:
    hopeless = credits > row.limit + overage
    return QuotaExceeded(
        row.window,
        row.type,
        row.limit,
        row.used,
        row.reserved,
        row.remaining,
        credits,
        None if hopeless else row.resets_at,
    )


def _open_refusal(account: Account, plan: Plan, now: datetime) -> TooManyOpen | None:
    most = plan.rates.max_open
    limit = MAX_OPEN if most is None or most == UNLIMITED else min(most, MAX_OPEN)
    live = account.live_holds(now)
    if len(live) < limit:
        return None
    first_end = min((hold.end for hold in live), default=None)
    return TooManyOpen("open", None, limit, 0, len(live), 0, 1, first_end)


def _rate_refusal(rates: tuple[Row, ...]) -> RateExceeded | None:
    refused = [row for row in rates if row.has_exceeded]
    if not refused:
        return None
    row = max(refused, key=lambda row: row.resets_at)
    resets_at = None if row.limit < 1 else row.resets_at
    return RateExceeded(row.window, None, row.limit, row.used, 0, 0, 1, resets_at)
