"""Counters that an account carries over from another one of the same person: no second allowance.

That is of the windows that still run only, and nothing but their counters: of the user's former self, of
former users with the same verified email, and of the account that holds that email until now.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.quota.account import Account, Counter
from genquota.domain.texts import normalize_email


def email_hash(email: str, key: str) -> str:
    """Return what stands for an email address. Without the key nobody can try addresses against it."""
    same = normalize_email(email).encode(errors="replace")
    return hmac.new(key.encode(), same, hashlib.sha256).hexdigest()


def running_counters(account: Account, now: datetime) -> dict[Window, Counter]:
    """Return the running windows in which credits were used; what is held counts as used.

    No record will ever account for them, so they stand as adjusted by as much the other way.
    """
    kept = {}
    for window in LIMIT_WINDOWS:
        counter = account.windows.get(window)
        if counter is None or now >= counter.span.end:
            continue
        used = dict(counter.used)
        for hold in account.active_holds(now):
            if hold.starts.get(window) == counter.span.start:
                used[hold.type] = used.get(hold.type, 0) + hold.allocation.windows
        used = {type_: credits for type_, credits in used.items() if credits > 0}
        if used:
            owed = {type_: -credits for type_, credits in used.items()}
            kept[window] = Counter(
                counter.span, used, date=counter.date, zone=counter.zone, adjusted=owed
            )
    return kept


def merge_by_max_usage(
    kept: Mapping[Window, Counter], earlier: Mapping[Window, Counter], now: datetime
) -> dict[Window, Counter]:
    """Merge counters: of each window the one with more usage, for an email may have had several accounts.

    They are not added up, for the later account may have taken over what the earlier one had used.
    """
    running = {window: counter for window, counter in earlier.items() if now < counter.span.end}
    more = {
        window: counter
        for window, counter in running.items()
        if window not in kept or counter.used_by(None) > kept[window].used_by(None)
    }
    return {**kept, **more}


def restore_counters(
    account: Account,
    kept: Mapping[Window, Counter],
    now: datetime,
    included: Mapping[Window, Counter] | None = None,
) -> Account:
    """Add what another account of the same person has used to the counters.

    Args:
        account: Rolled to ``now``.
        kept: What the other one has used; windows that have ended since are forgotten.
        now: Aware, UTC.
        included: What of ``kept`` the account counts already, because the other one took it over from it.
    """
    windows = dict(account.windows)
    known = {key: each for key, each in (included or {}).items() if now < each.span.end}
    for window, counter in kept.items():
        if now >= counter.span.end:
            continue
        own = windows[window]
        if own.is_zero and not account.holds and window not in known:
            windows[window] = counter
        elif more := _excess(counter, known.get(window)):
            # Its own window has begun to count, and a window once begun keeps its span.
            less = {type_: -credits for type_, credits in more.items()}
            windows[window] = replace(
                own, used=_sum(own.used, more), adjusted=_sum(own.adjusted, less)
            )
    return replace(account, windows=windows)


def _excess(counter: Counter, known: Counter | None) -> dict[str, int]:
    """Return the credits by type that are not known yet."""
    known_used = known.used if known else {}
    return {
        type_: more
        for type_, credits in counter.used.items()
        if (more := credits - known_used.get(type_, 0)) > 0
    }


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {type_: one.get(type_, 0) + other.get(type_, 0) for type_ in {**one, **other}}
