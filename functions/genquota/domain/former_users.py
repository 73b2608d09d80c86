"""What is kept of a deleted user, so that coming back under the same email brings no second allowance.

Only the counters of the windows that still run are kept, under a keyed hash of the verified email.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from genquota.domain.account import Account, Counter
from genquota.domain.words import LIMIT_WINDOWS, Window


def email_hash(email: str, key: str) -> str:
    """Return what stands for an email address. Without the key nobody can try addresses against it."""
    same = email.strip().lower()
    return hmac.new(key.encode(), same.encode(errors="replace"), hashlib.sha256).hexdigest()


def counters_to_keep(account: Account, now: datetime) -> dict[Window, Counter]:
    """Return the running windows in which credits were used; what is held counts as used.

    No record will ever account for them, so they stand as adjusted by as much the other way.
    """
    kept = {}
    for window in LIMIT_WINDOWS:
        counter = account.windows.get(window)
        if counter is None or now >= counter.span.end:
            continue
        used = dict(counter.used)
        for hold in account.live_holds(now):
            if hold.starts.get(window) == counter.span.start:
                used[hold.type] = used.get(hold.type, 0) + hold.split.windows
        used = {type_: credits for type_, credits in used.items() if credits > 0}
        if used:
            owed = {type_: -credits for type_, credits in used.items()}
            kept[window] = Counter(
                counter.span, used, date=counter.date, zone=counter.zone, adjusted=owed
            )
    return kept


def whichever_used_more(
    kept: Mapping[Window, Counter], earlier: Mapping[Window, Counter], now: datetime
) -> dict[Window, Counter]:
    """Return of each window the counter of the account that used more: one email may have had several.

    They are not added up, for the later account may have taken over what the earlier one had used.
    """
    running = {window: counter for window, counter in earlier.items() if now < counter.span.end}
    more = {
        window: counter
        for window, counter in running.items()
        if window not in kept or counter.used_by(None) > kept[window].used_by(None)
    }
    return {**kept, **more}


def take_over(account: Account, kept: Mapping[Window, Counter], now: datetime) -> Account:
    """Let an account start with what its former self had used.

    Args:
        account: Rolled to ``now``.
        kept: As it was kept; windows that have ended since are forgotten.
        now: Aware, UTC.
    """
    windows = dict(account.windows)
    for window, counter in kept.items():
        if now >= counter.span.end:
            continue
        own = windows[window]
        if own.is_zero and not account.holds:
            windows[window] = counter
        else:
            # Its own window has begun to count, and a window once begun keeps its span.
            windows[window] = replace(
                own,
                used=_sum(own.used, counter.used),
                adjusted=_sum(own.adjusted, counter.adjusted),
            )
    return replace(account, windows=windows)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {type_: one.get(type_, 0) + other.get(type_, 0) for type_ in {**one, **other}}
