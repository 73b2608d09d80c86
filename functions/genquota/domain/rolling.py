"""How an account's running windows give way to the next ones.

A window once begun keeps its start, end and counters. Rolling is a function of the account and the
instant, so it does not matter whether a call, a schedule or both do it, nor how late.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from genquota.domain.account import Account, Counter
from genquota.domain.plans import PeriodRule, Plan
from genquota.domain.policy import Policy
from genquota.domain.windows import (
    AnchoredGrid,
    CalendarGrid,
    FixedGrid,
    Grid,
    Span,
    window_after,
)
from genquota.domain.words import LIMIT_WINDOWS, RATE_WINDOWS, Anchor, Unit, Window

_FIXED = {
    Window.MINUTE: FixedGrid(timedelta(minutes=1)),
    Window.HOUR: FixedGrid(timedelta(hours=1)),
}
_CALENDAR = {Window.DAY: Unit.DAY, Window.WEEK: Unit.WEEK, Window.MONTH: Unit.MONTH}


@dataclass(frozen=True, slots=True)
class Closed:
    """A window that has ended, with what it ended with."""

    window: Window
    counter: Counter


@dataclass(frozen=True, slots=True)
class Rolled:
    """An account whose windows all hold the instant, and the windows that closed on the way."""

    account: Account
    closed: tuple[Closed, ...] = ()


@lru_cache(maxsize=1024)  # callers may try any name
def find_zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None. Looks into the system's time zone data once."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(account: Account, policy: Policy) -> ZoneInfo:
    """Return the zone of the user's calendar; a name that is none counts as missing."""
    own = find_zone(account.timezone) if account.timezone else None
    return own or find_zone(policy.default_timezone) or ZoneInfo("UTC")


def roll(account: Account, plan: Plan, now: datetime, policy: Policy) -> Rolled:
    """Bring every window of the account to the instant ``now``.

    Args:
        account: As read.
        plan: The terms in force; they shape the next windows, never the running ones. Minutes and
            hours are counted while a plan names them.
        now: Aware, UTC.
        policy: Gives the default zone, the start of the week and the grace of renewals.

    Returns:
        The account with its windows running, and those that ended since it was written.
    """
    paid_from = _news_of_paid_period(account, now, policy)
    windows: dict[Window, Counter] = {}
    closed: list[Closed] = []
    for window in (*LIMIT_WINDOWS, *RATE_WINDOWS):
        last = account.windows.get(window)
        ended_at = last.span.end if last else None
        if last and window is Window.PERIOD and paid_from and last.span.start < paid_from:
            ended_at = paid_from
            last = replace(last, span=Span(last.span.start, min(last.span.end, paid_from)))
        if last and ended_at and now < ended_at:
            windows[window] = last
            continue
        if last and _is_kept(window, last, account):
            closed.append(Closed(window, last))
        if window in LIMIT_WINDOWS or window in plan.rates.per_window:
            grid = _grid(window, account, plan.period, now, policy)
            span = window_after(ended_at, grid, now) if ended_at else grid.window_at(now)
            windows[window] = _begin(span, window, account, policy)
    if paid_from is None and windows == account.windows:
        return Rolled(account)
    rolled = replace(account, windows=windows, paid_from=paid_from or account.paid_from)
    return Rolled(rolled, tuple(closed))


def _is_kept(window: Window, counter: Counter, account: Account) -> bool:
    """Tell whether what the window ended with is worth a document: something was, or may be, counted."""
    return window in LIMIT_WINDOWS and (
        not counter.is_zero
        or any(hold.starts[window] == counter.span.start for hold in account.holds.values())
    )


def _news_of_paid_period(account: Account, now: datetime, policy: Policy) -> datetime | None:
    """Return the start of a paid period that began no `period` yet, else None."""
    subscription = account.subscription
    if subscription is None or not subscription.is_in_force(now, policy):
        return None
    start = subscription.paid_period_start
    if start is None or start > now:
        return None
    return start if account.paid_from is None or start > account.paid_from else None


def _grid(
    window: Window, account: Account, period: PeriodRule, now: datetime, policy: Policy
) -> Grid:
    if window in _FIXED:
        return _FIXED[window]
    zone = zone_of(account, policy)
    if window is not Window.PERIOD:
        return CalendarGrid(_CALENDAR[window], zone, week_start=policy.week_start)
    anchor = None
    subscription = account.subscription
    if period.anchor is Anchor.SIGNUP:
        anchor = account.created_at
    elif (
        period.anchor is Anchor.SUBSCRIPTION
        and subscription
        and subscription.is_in_force(now, policy)
    ):
        anchor = subscription.anchor or subscription.current_period_start
    if anchor:
        return AnchoredGrid(period.unit, anchor.replace(microsecond=0), period.count)
    return CalendarGrid(period.unit, zone, period.count, policy.week_start)


def _begin(span: Span, window: Window, account: Account, policy: Policy) -> Counter:
    """Return a counter at zero. A day is named by its last instant, which a joined piece shares."""
    if window is not Window.DAY:
        return Counter(span)
    zone = zone_of(account, policy)
    last_instant = span.end - timedelta(microseconds=1)
    return Counter(span, date=last_instant.astimezone(zone).date().isoformat(), zone=str(zone))
