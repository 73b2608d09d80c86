"""Where the credits of a generation are counted: its own windows and grants, closed or not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from genquota.domain.quota.account import Account, Counter, Grant, Hold, Reserved, Split
from genquota.domain.words import Window


@dataclass(frozen=True, slots=True)
class Addition:
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


def what_grants_still_have(account: Account, split: Split, now: datetime) -> Split:
    """Move what the grants cannot pay any more to the windows."""
    reserved = Reserved.of(account, now)
    parts = []
    for part in split.grants:
        grant = account.grants.get(part.grant_id)
        if grant is None or not grant.is_live(now):
            continue
        left = grant.credits - grant.used - reserved.by_grant.get(part.grant_id, 0)
        if left > 0:
            parts.append(replace(part, credits=min(left, part.credits)))
    in_windows = split.credits - sum(part.credits for part in parts)
    return Split(in_windows, tuple(parts), split.overage + in_windows - split.windows)


def spend(grants: Mapping[str, Grant], split: Split) -> Mapping[str, Grant]:
    spent = dict(grants)
    for part in split.grants:
        if part.grant_id in spent:
            grant = spent[part.grant_id]
            spent[part.grant_id] = replace(grant, used=grant.used + part.credits)
    return spent


def count(
    account: Account, hold: Hold, credits: int, success: int = 0, failed: int = 0
) -> tuple[Account, tuple[Addition, ...]]:
    """Count in the windows of the hold: those that still run, and additions to those that closed."""
    windows = dict(account.windows)
    additions = []
    for window, start in hold.starts.items():
        counter = windows[window]
        if counter.span.start == start:
            windows[window] = add(counter, hold.type, credits, success, failed)
        else:
            additions.append(
                Addition(window, start, hold.date, hold.type, credits, success, failed)
            )
    return replace(account, windows=windows), tuple(additions)


def add(counter: Counter, type_: str, credits: int, success: int = 0, failed: int = 0) -> Counter:
    used = dict(counter.used)
    if credits:
        used[type_] = used.get(type_, 0) + credits
    return replace(
        counter, used=used, success=counter.success + success, failed=counter.failed + failed
    )
