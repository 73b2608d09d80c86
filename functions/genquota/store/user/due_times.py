"""The times at which scheduled jobs must handle a user next."""

from datetime import datetime

from genquota.domain.enums import LIMIT_WINDOWS
from genquota.domain.quota.account import Account


def next_expiry(account: Account) -> datetime | None:
    """Return when `expire_generations` must look at a user."""
    return min((hold.end for hold in account.holds.values()), default=None)


def next_roll(account: Account) -> datetime | None:
    """Return when `reset_periods` must look at a user: never while all counters are zero."""
    ends = [
        account.windows[window].span.end
        for window in LIMIT_WINDOWS
        if not account.windows[window].is_zero
    ]
    return min(ends, default=None)
