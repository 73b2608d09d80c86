"""Instants, people and plans that the unit tests speak about, in few words.

Nothing here looks at the machine's clock: the suite is the same on the 29th, 30th and 31st.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from genquota.domain.enums import LIMIT_WINDOWS, SubscriptionStatus, Window
from genquota.domain.plans.plans import Plan, Rates
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account, Allocation, Counter, Hold
from genquota.domain.quota.rolling import roll_windows
from genquota.domain.windows import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genquota.domain.plans.plans import LimitKey, PeriodRule, Price
    from genquota.domain.quota.account import GrantAllocation

POLICY = Policy()
ZONES = (
    "UTC",
    "Africa/Cairo",  # midnight is skipped
    "America/Havana",  # midnight comes twice
    "America/Sao_Paulo",  # midnight was skipped until 2018
    "America/St_Johns",  # -03:30, and until 2011 changed a minute after midnight
    "Asia/Beirut",  # midnight is skipped
    "Asia/Kathmandu",  # +05:45
    "Asia/Tehran",  # +03:30, midnight was skipped until 2022
    "Atlantic/Azores",  # midnight comes twice
    "Australia/Lord_Howe",  # summer time of half an hour
    "Europe/Berlin",
    "Pacific/Apia",  # had no 30 December 2011
    "Pacific/Chatham",  # +12:45
    "Pacific/Kiritimati",  # +14:00
    "Pacific/Niue",  # -11:00
)


def at(text: str) -> datetime:
    """Return an instant; one without an offset is UTC."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


NOW = at("2026-11-18T12:00")
"""A Wednesday."""

instants = st.datetimes(
    at("2009-01-01").replace(tzinfo=None),
    at("2036-12-31").replace(tzinfo=None),
    timezones=st.just(UTC),
)
"""Before and after what time zone data lists one by one."""
whole_seconds = instants.map(lambda each: each.replace(microsecond=0))


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def limits(**named: int | Mapping[str, int]) -> dict[LimitKey, int]:
    """Return limits: `day=3`, or by type `video={"day": 1}`."""
    found: dict[LimitKey, int] = {}
    for name, value in named.items():
        if isinstance(value, int):
            found[Window(name), None] = value
        else:
            found |= {(Window(window), name): credits for window, credits in value.items()}
    return found


def plan(
    named: Mapping[LimitKey, int],
    *,
    rates: Mapping[str, int] | None = None,
    max_open: int | None = None,
    prices: tuple[Price, ...] = (),
    overage: int = 0,
    period: PeriodRule | None = None,
) -> Plan:
    per_window = {Window(name): most for name, most in (rates or {}).items()}
    made = Plan(
        "test", named, Rates(per_window, max_open), prices, overage, name="Test", tier="test"
    )
    return replace(made, period=period) if period else made


def subscription(
    start: str | None = "2026-11-10",
    end: str | None = "2026-12-10",
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
    **fields: Any,  # noqa: ANN401 - any field of a subscription
) -> Subscription:
    begun = at(start) if start else None
    known = {
        "id": "s1",
        "plan_id": "pro",
        "status": status,
        "anchor": begun,
        "current_period_start": begun,
        "current_period_end": at(end) if end else None,
    }
    return Subscription(**{**known, **fields})


def account(
    terms: Plan | None = None,
    now: datetime = NOW,
    policy: Policy = POLICY,
    **fields: Any,  # noqa: ANN401 - any field of an account
) -> Account:
    """Return alice, rolled to ``now``."""
    alice = Account("alice", **fields)
    return roll_windows(alice, terms or plan({}), now, policy).account


def using(alice: Account, *, success: int = 0, failed: int = 0, **used: int) -> Account:
    """Return the account with credits used, by type, in all the windows that it counts."""
    windows = {
        window: replace(counter, used=used, success=success, failed=failed)
        for window, counter in alice.windows.items()
    }
    return replace(alice, windows=windows)


def used_in(alice: Account, window: Window, **used: int) -> Account:
    """Return the account with credits used, by type, in one window."""
    counter = replace(alice.windows[window], used=used)
    return replace(alice, windows={**alice.windows, window: counter})


def holding(
    alice: Account,
    credits: int,
    *,
    grants: tuple[GrantAllocation, ...] = (),
    type_: str = "image",
    end: datetime = NOW + timedelta(minutes=15),
    name: str | None = None,
) -> Account:
    """Return the account with one more hold, reserved in the windows that run."""
    starts = {window: alice.windows[window].span.start for window in LIMIT_WINDOWS}
    date = alice.windows[Window.DAY].date or ""
    hold = Hold(end, type_, Allocation(credits, grants), starts, date)
    return replace(alice, holds={**alice.holds, name or f"g{len(alice.holds)}": hold})


def counter(
    start: str, end: str, *, date: str | None = None, zone: str | None = None, **used: int
) -> Counter:
    return Counter(span(start, end), used, date=date, zone=zone)
