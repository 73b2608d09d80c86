"""What is left of an account: usage against each limit and rate, and who pays a generation's credits.

The plan pays first, then grants, then overage; they are given back in reverse.
"""

from dataclasses import replace
from datetime import datetime

from genquota.domain.enums import LIMIT_WINDOWS, RATE_WINDOWS, UNLIMITED, Window
from genquota.domain.plans.plans import LimitKey, Plan
from genquota.domain.quota.account import Account, Allocation, GrantAllocation, ReservedCredits
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """One limit or rate, and its usage."""

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


def limit_usages(account: Account, plan: Plan, reserved: ReservedCredits) -> tuple[LimitUsage, ...]:
    """Return the limits that the plan names, in credits; day and period always."""
    limits: dict[LimitKey, int] = {
        (Window.DAY, None): UNLIMITED,
        (Window.PERIOD, None): UNLIMITED,
        **plan.limits,
    }
    usages = []
    for window, type_ in sorted(
        limits, key=lambda key: (key[1] is not None, LIMIT_WINDOWS.index(key[0]), key[1] or "")
    ):
        counter = account.windows[window]
        usages.append(
            LimitUsage(
                window,
                type_,
                counter.span.start,
                counter.span.end,
                limits[window, type_],
                counter.used_by(type_),
                reserved.by_limit.get((window, type_), 0),
            )
        )
    return tuple(usages)


def rate_usages(account: Account, plan: Plan) -> tuple[LimitUsage, ...]:
    """Return the rates that the plan names, in generations started."""
    return tuple(
        LimitUsage(
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


def available_grants(
    account: Account, reserved: ReservedCredits, now: datetime
) -> list[GrantAllocation]:
    """Return what each live grant still has, in the order of spending.

    Soonest expiry first. Of those that cannot expire, what was bought goes last.
    """
    parts = [
        GrantAllocation(
            grant_id,
            grant.credits - grant.used - reserved.by_grant.get(grant_id, 0),
            grant.expires_at,
        )
        for grant_id, grant in account.grants.items()
        if grant.is_active(now)
    ]
    return sorted(
        (part for part in parts if part.credits > 0),
        key=lambda part: (
            part.expires_at is None,
            part.expires_at or now,
            part.expires_at is None and account.grants[part.grant_id].purchased,
            part.grant_id,
        ),
    )


def allocate_credits(
    binding: list[LimitUsage], overage: int, credits: int, grants: list[GrantAllocation]
) -> tuple[Allocation, list[LimitUsage]]:
    """Allocate the credits: first the plan's remaining ones, then grants, then overage.

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
    allocation = Allocation(in_plan + missing, tuple(parts), missing)
    if not missing or overage == UNLIMITED:
        return allocation, []
    refused = [
        row for row in binding if row.used + row.reserved + allocation.windows > row.limit + overage
    ]
    refused.sort(
        key=lambda row: (
            credits > row.limit + overage,
            row.resets_at,
            LIMIT_WINDOWS.index(row.window),
        )
    )
    return allocation, refused


def allocate_for_outputs(allocation: Allocation, made: int, asked: int) -> Allocation:
    """Reduce an allocation to the outputs that were made: credits in proportion, rounded down.

    Credits are returned in reverse order of payment: overage, then grants starting with the last one,
    then the plan. Grants usually outlive the period, so returning them first favours the user.

    Args:
        allocation: The allocation for all outputs requested.
        made: Number of outputs, from 1 to ``asked``.
        asked: Number of outputs requested.

    Returns:
        The allocation of ``split.credits * made // asked`` credits.
    """
    uncharged = allocation.credits - allocation.credits * made // asked
    overage = min(uncharged, allocation.overage)
    uncharged -= overage
    parts = []
    for part in reversed(allocation.grants):
        off = min(uncharged, part.credits)
        uncharged -= off
        if part.credits > off:
            parts.append(replace(part, credits=part.credits - off))
    return Allocation(
        allocation.windows - overage - uncharged,
        tuple(reversed(parts)),
        allocation.overage - overage,
    )
