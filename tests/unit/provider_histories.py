"""What providers might tell of one subscription in the course of its life, in order, and mixed up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from genquota.domain.billing import SubscriptionRecord, reduce
from genquota.domain.provider_news import (
    Announcement,
    Invoice,
    Provider,
    ProviderEvent,
    SoldPlan,
    Standing,
    SubscriptionNews,
)
from genquota.domain.words import SubscriptionStatus
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
    unpaid = life.status is SubscriptionStatus.PAST_DUE
    standing = Standing(
        status=life.status,
        provider_status=life.status.value,
        products=((life.plan.id,),),
        period_start=life.start,
        period_end=life.start + MONTH,
        anchor=START,
        unpaid_since=life.start if unpaid else None,
        plan=life.plan,
    )
    news = SubscriptionNews(
        "s1",
        standing,
        life.renews if says_renewal else None,
        Announcement() if says_renewal else None,
    )
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "snapshot", life.now, customer, subscription=news
    )


def paid(life: Life, number: int, *, is_paid: bool = True) -> ProviderEvent:
    """Return an event with the invoice of the running period."""
    news = SubscriptionNews("s1", invoice=Invoice(is_paid, life.start, life.start + MONTH))
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "invoice", life.now, "c1", subscription=news
    )


def announced(life: Life, number: int, plan: SoldPlan) -> ProviderEvent:
    """Return an event that says what comes after this period."""
    news = SubscriptionNews("s1", announcement=Announcement(((plan.id,),), plan))
    return ProviderEvent(
        Provider.STRIPE, f"evt_{number}", "change", life.now, "c1", subscription=news
    )


_STEPS = ("renew", "change", "cancel", "resume", "fail", "pay", "end", "announce", "extend")


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
            case "announce":
                events.append(announced(life, 100 + number, draw(st.sampled_from((PLUS, PRO)))))
            case _:
                events.append(snapshot(life, 100 + number, says_renewal=False))
        events.append(snapshot(life, number, draw(st.sampled_from(("c1", "c1", "c2")))))
    return events


def after(events: Iterable[ProviderEvent]) -> SubscriptionRecord:
    """Return what is known after hearing events in that order."""
    record = None
    for event in events:
        record = reduce(record, event)
    assert record is not None
    return record


def in_order(events: Sequence[ProviderEvent]) -> list[ProviderEvent]:
    return sorted(events, key=lambda event: event.stamp)
