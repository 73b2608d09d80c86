"""Usage counters: count a generation's credits in its own windows and grants, closed or not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from genquota.domain.enums import Window
from genquota.domain.quota.account import Account, Allocation, Counter, Grant, Hold, ReservedCredits
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class ClosedWindowIncrement:
    """Counts that belong to a window which has closed."""

    window: Window
    start: datetime
    date: str
    """Local day of the reservation; names the window if it is a day."""
    type: str
    credits: int = 0
    success: int = 0
    failed: int = 0
    adjusted: int = 0
    """Credits that an operator takes off, or if negative no longer."""


def remaining_grant_allocation(
    account: Account, allocation: Allocation, now: datetime
) -> Allocation:
    """Reduce the grants' part to what they still have; the windows pay the rest."""
    reserved = ReservedCredits.of(account, now)
    parts = []
    for part in allocation.grants:
        grant = account.grants.get(part.grant_id)
        if grant is None or not grant.is_active(now):
            continue
        left = grant.credits - grant.used - reserved.by_grant.get(part.grant_id, 0)
        if left > 0:
            parts.append(replace(part, credits=min(left, part.credits)))
    in_windows = allocation.credits - sum(part.credits for part in parts)
    return Allocation(
        in_windows, tuple(parts), allocation.overage + in_windows - allocation.windows
    )


def spend_grants(grants: Mapping[str, Grant], allocation: Allocation) -> Mapping[str, Grant]:
    spent = dict(grants)
    for part in allocation.grants:
        if part.grant_id in spent:
            grant = spent[part.grant_id]
            spent[part.grant_id] = replace(grant, used=grant.used + part.credits)
    return spent


def count_in_windows(
    account: Account, hold: Hold, credits: int, success: int = 0, failed: int = 0
) -> tuple[Account, tuple[ClosedWindowIncrement, ...]]:
    """Count in the windows of the hold: those that still run, and additions to those that closed."""
    windows = dict(account.windows)
    increments = []
    for window, start in hold.starts.items():
        counter = windows[window]
        if counter.span.start == start:
            windows[window] = add_to_counter(counter, hold.type, credits, success, failed)
        else:
            increments.append(
                ClosedWindowIncrement(window, start, hold.date, hold.type, credits, success, failed)
            )
    return replace(account, windows=windows), tuple(increments)


def add_to_counter(
    counter: Counter, type_: str, credits: int, success: int = 0, failed: int = 0
) -> Counter:
    used = dict(counter.used)
    if credits:
        used[type_] = used.get(type_, 0) + credits
    return replace(
        counter, used=used, success=counter.success + success, failed=counter.failed + failed
    )
