"""Histories of one subscription as providers report it, in order and shuffled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from genquota.billing.domain.provider_events import NamedBy, ProviderEvent
from genquota.billing.domain.subscription_facts import (
    Cancellation,
    Invoice,
    Period,
    PurchasedItems,
    ScheduledChange,
    SoldPlan,
    StatusReport,
    SubscriptionUpdate,
)
from genquota.billing.domain.subscription_reducer import (
    SubscriptionRecord,
    apply_event_to_subscription,
)
from genquota.domain.enums import Provider, SubscriptionStatus
from tests.unit.samples import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

START = at("2027-03-15T09:00")
MONTH = timedelta(days=30)
FREE, PLUS, PRO = SoldPlan("free", 0), SoldPlan("plus", 1), SoldPlan("pro", 2)


@dataclass(frozen=True)
class Life:
    """A subscription as its provider sees it, while events are made of it."""

    now: datetime = START
    period: int = 0
    plan: SoldPlan = PLUS
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    renews: bool = True

    @property
    def start(self) -> datetime:
        return START + self.period * MONTH


def snapshot(
    life: Life, number: int, customer: str = "c1", *, says_renewal: bool = True
) -> ProviderEvent:
    """Return an event with the whole subscription."""
    names = (life.plan.id,)
    update = SubscriptionUpdate(
        "s1",
        status=StatusReport(life.status, life.status.value),
        bought=PurchasedItems(names, life.plan, names),
        period=Period(life.start, life.start + MONTH),
        anchor=START,
        cancellation=Cancellation(life.renews) if says_renewal else None,
        change=ScheduledChange() if says_renewal else None,
    )
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "snapshot", life.now, customer, subscription=update
    )


def paid(life: Life, number: int, *, is_paid: bool = True) -> ProviderEvent:
    """Return an event with the invoice of the running period."""
    period = Period(life.start, life.start + MONTH)
    update = SubscriptionUpdate("s1", invoice=Invoice(is_paid, period))
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "invoice", life.now, "c1", subscription=update
    )


def announced(life: Life, number: int, plan: SoldPlan) -> ProviderEvent:
    """Return an event that says what comes after this period."""
    update = SubscriptionUpdate("s1", change=ScheduledChange((plan.id,), plan))
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "change", life.now, "c1", subscription=update
    )


def partly(life: Life, number: int, **facts: object) -> ProviderEvent:
    """Return an event that reports some facts and says nothing of the others."""
    update = SubscriptionUpdate("s1", **facts)  # type: ignore[arg-type]
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "part", life.now, "c1", subscription=update
    )


def named(life: Life, number: int, user_id: str, by: NamedBy) -> ProviderEvent:
    """Return an event that only names the user."""
    return replace(partly(life, number), user_id=user_id, named_by=by)


_STEPS = (
    *("renew", "change", "cancel", "resume", "fail", "pay", "end", "announce", "extend"),
    *("decline", "grace", "cut", "name"),
)


def _report(draw: st.DrawFn, step: str, life: Life, number: int) -> ProviderEvent:
    """Return an event that changes nothing of how the subscription goes on."""
    match step:
        case "decline":
            return snapshot(replace(life, plan=PRO, status=SubscriptionStatus.PAST_DUE), number)
        case "grace":
            return partly(life, number, grace_end=life.start + 2 * MONTH)
        case "cut":
            cut = Cancellation(renews=True, ends_at=life.start + MONTH / 2)
            return partly(life, number, cancellation=cut)
        case "name":
            by = draw(st.sampled_from(NamedBy))
            return named(life, number, draw(st.sampled_from("ab")), by)
        case _:
            return announced(life, number, draw(st.sampled_from((PLUS, PRO))))


@st.composite
def histories(draw: st.DrawFn, most: int = 7) -> list[ProviderEvent]:
    """Draw a history in order. Some of its events fall on one instant."""
    life, events = Life(), [snapshot(Life(), 0)]
    for number in range(1, draw(st.integers(1, most)) + 1):
        life = replace(life, now=life.now + timedelta(hours=draw(st.sampled_from((0, 1, 700)))))
        match draw(st.sampled_from(_STEPS)):
            case "renew":
                life = replace(life, period=life.period + 1, status=SubscriptionStatus.ACTIVE)
            case "change":
                life = replace(life, plan=draw(st.sampled_from((FREE, PLUS, PRO))))
            case "cancel":
                life = replace(life, renews=False)
            case "resume":
                life = replace(life, renews=True)
            case "fail":
                life = replace(life, status=SubscriptionStatus.PAST_DUE)
                events.append(paid(life, 100 + number, is_paid=False))
            case "pay":
                life = replace(life, status=SubscriptionStatus.ACTIVE)
                events.append(paid(life, 100 + number))
            case "end":
                life = replace(life, status=SubscriptionStatus.CANCELED)
            case "extend":
                events.append(snapshot(life, 100 + number, says_renewal=False))
            case step:
                events.append(_report(draw, step, life, 100 + number))
        events.append(snapshot(life, number, draw(st.sampled_from(("c1", "c1", "c2")))))
    return events


def after(events: Iterable[ProviderEvent]) -> SubscriptionRecord:
    """Return what is known after hearing events in that order."""
    record = None
    for event in events:
        record = apply_event_to_subscription(record, event)
    assert record is not None
    return record


def in_order(events: Sequence[ProviderEvent]) -> list[ProviderEvent]:
    return sorted(events, key=lambda event: event.version)
