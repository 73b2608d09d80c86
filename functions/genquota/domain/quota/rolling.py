"""Rolling: closes windows that have ended and begins the next ones.

A window once begun keeps its start, end and counters. Rolling is a function of the account and the
instant, so it does not matter whether a call, a schedule or both do it, nor how late.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from genquota.domain.enums import CALENDAR_WINDOWS, LIMIT_WINDOWS, RATE_WINDOWS, Anchor, Window
from genquota.domain.plans.plans import PeriodRule, Plan
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account, Counter
from genquota.domain.records import dataclass
from genquota.domain.windows import (
    AnchoredGrid,
    CalendarGrid,
    FixedGrid,
    Grid,
    ProviderGrid,
    Span,
    is_about_one_window,
    window_after,
)

_FIXED = {
    Window.MINUTE: FixedGrid(timedelta(minutes=1)),
    Window.HOUR: FixedGrid(timedelta(hours=1)),
}


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """A window that has ended, with what it ended with."""

    window: Window
    counter: Counter


@dataclass(frozen=True, slots=True)
class PaidPeriod:
    """A provider's period that was paid for. ``end`` None: it never ends."""

    subscription_id: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class RolledAccount:
    """An account whose windows all hold the instant, and the windows that closed on the way."""

    account: Account
    closed: tuple[ClosedWindow, ...] = ()


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


def roll_windows(account: Account, plan: Plan, now: datetime, policy: Policy) -> RolledAccount:
    """Roll every window of the account to ``now``.

    Args:
        account: As read.
        plan: The terms in force; they shape the next windows, never the running ones. Minutes and
            hours are counted while a plan names them.
        now: Aware, UTC.
        policy: Gives the default zone, the start of the week and the grace of renewals.

    Returns:
        The account with its windows running, and those that ended since it was written.
    """
    paid = _new_paid_period(account, now, policy)
    windows: dict[Window, Counter] = {}
    closed: list[ClosedWindow] = []
    for window in (*LIMIT_WINDOWS, *RATE_WINDOWS):
        last = account.windows.get(window)
        ended_at = last.span.end if last else None
        if last and paid and window is Window.PERIOD:
            grid = _grid(window, account, plan.period, now, policy)
            last, ended_at = _under_paid_period(last, account, paid, plan.period, grid, policy)
        if last and ended_at and now < ended_at:
            windows[window] = last
            continue
        if last and _is_kept(window, last, account):
            closed.append(ClosedWindow(window, last))
        if window in LIMIT_WINDOWS or window in plan.rates.per_window:
            grid = _grid(window, account, plan.period, now, policy)
            span = window_after(ended_at, grid, now) if ended_at else grid.window_at(now)
            windows[window] = _begin(span, window, account, policy)
    if paid is None and windows == account.windows:
        return RolledAccount(account)
    if paid:
        account = _with_paid_period(account, paid)
    return RolledAccount(replace(account, windows=windows), tuple(closed))


def _is_kept(window: Window, counter: Counter, account: Account) -> bool:
    """Return whether what the window ended with is worth a document: something was, or may be, counted."""
    return window in LIMIT_WINDOWS and (
        not counter.is_zero
        or any(hold.starts.get(window) == counter.span.start for hold in account.holds.values())
    )


def _new_paid_period(account: Account, now: datetime, policy: Policy) -> PaidPeriod | None:
    """Return a paid period that began no `period` yet, or ends later than was known; else None."""
    subscription = account.subscription
    if subscription is None or not subscription.is_in_force(now, policy):
        return None
    start = subscription.paid_period_start
    if start is None or start > now:
        return None
    end = subscription.provider_period_end or subscription.current_period_end
    known_from, known_until = account.paid_from, account.paid_until
    if known_from is None or start > known_from:
        return PaidPeriod(subscription.id, start, end)
    is_longer = end is not None and (known_until is None or end > known_until)
    is_same = start == known_from and is_longer
    return PaidPeriod(subscription.id, start, end) if is_same else None


def _with_paid_period(account: Account, paid: PaidPeriod) -> Account:
    """Note it as the newest one, and as the newest of its subscription."""
    ends = {key: end for key, end in account.paid_ends.items() if key in account.subscriptions}
    if paid.end is not None:
        ends[paid.subscription_id] = paid.end
    return replace(account, paid_from=paid.start, paid_until=paid.end, paid_ends=ends)


def _under_paid_period(
    last: Counter,
    account: Account,
    paid: PaidPeriod,
    rule: PeriodRule,
    grid: Grid,
    policy: Policy,
) -> tuple[Counter, datetime]:
    """Return the running `period` as a paid period leaves it, and when it ends.

    A paid period begins a `period` of its own. But an allowance belongs to what was paid: if the paid
    period before was cut short, the running `period` goes on with all that was used in it, and ends when
    one that began now would end. So no switching to and fro gives more than one allowance.
    """
    span = last.span
    is_new = account.paid_from is None or paid.start > account.paid_from
    goes_on = (is_new and paid.start < span.end) and (
        _is_cut_short(account, paid, span) or _began_in_grace(account, paid, span, policy)
    )
    if is_new and span.start < paid.start and not goes_on:
        return replace(last, span=Span(span.start, min(span.end, paid.start))), paid.start
    begun = max(span.start, paid.start)
    follows = rule.anchor is Anchor.SUBSCRIPTION and begun < span.end
    if follows and (goes_on or isinstance(grid, ProviderGrid)):
        span = Span(span.start, grid.window_at(begun).end)
    return replace(last, span=span), span.end


def _began_in_grace(account: Account, paid: PaidPeriod, running: Span, policy: Policy) -> bool:
    """Return whether the running `period` began while a late renewal was waited for: it is the renewal's."""
    until = account.paid_until
    if until is None or not until <= running.start < paid.start:
        return False
    return paid.start - until <= policy.renewal_grace


def _is_cut_short(account: Account, paid: PaidPeriod, running: Span) -> bool:
    """Return whether more than a tenth of the paid period before was left when the new one began.

    That is the one of the same subscription, if it had one: of two that run side by side each is paid for.
    """
    if account.paid_from is None:
        return False
    until = account.paid_ends.get(paid.subscription_id, account.paid_until) or running.end
    return (until - paid.start) * 10 > until - account.paid_from


def _grid(
    window: Window, account: Account, period: PeriodRule, now: datetime, policy: Policy
) -> Grid:
    if window in _FIXED:
        return _FIXED[window]
    zone = zone_of(account, policy)
    if window is not Window.PERIOD:
        unit, count = CALENDAR_WINDOWS[window]
        return CalendarGrid(unit, zone, count, policy.week_start)
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
        anchored = AnchoredGrid(period.unit, anchor.replace(microsecond=0), period.count)
        span = subscription.provider_period if subscription else None
        is_providers = period.anchor is Anchor.SUBSCRIPTION and span is not None
        if span and is_providers and is_about_one_window(span, period.unit, period.count):
            return ProviderGrid(span, anchored)
        return anchored
    return CalendarGrid(period.unit, zone, period.count, policy.week_start)


def _begin(span: Span, window: Window, account: Account, policy: Policy) -> Counter:
    """Return a counter at zero. A day is named by its last instant, which a joined piece shares."""
    if window is not Window.DAY:
        return Counter(span)
    zone = zone_of(account, policy)
    last_instant = span.end - timedelta(microseconds=1)
    return Counter(span, date=last_instant.astimezone(zone).date().isoformat(), zone=str(zone))
