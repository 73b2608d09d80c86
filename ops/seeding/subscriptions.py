"""The made-up users' subscriptions: events of a provider, taken in as those of a real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.domain.subscription_facts import (
    Cancellation,
    PlanItem,
    StatusReport,
    SubscriptionUpdate,
    Trial,
)
from genquota.domain.enums import Provider, SubscriptionStatus, Unit
from genquota.domain.plans.plans import SHIPPED_PLANS
from genquota.domain.windows import AnchoredGrid, Span
from genquota.store.plans.plan_cache import plan_path
from genquota.store.transaction import Transaction
from ops.command import CommandError
from ops.seeding.personas import MADE_BY, MARK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from google.cloud.firestore import Client

    from genquota.domain.plans.plans import Plan
    from ops.seeding.personas import Person


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody subscribes to, by the provider's name."""

    price: str


def offer_of(db: Client, plan_id: str) -> Offer:
    """Return the price that a plan is sold at. A plan without a document gets one.

    Raises:
        CommandError: The plan's document names no price.
    """
    path = plan_path(plan_id)
    transaction = Transaction(db)
    snapshot = transaction.read([path])[path]
    if not snapshot.exists:
        document = _document(SHIPPED_PLANS[plan_id])
        transaction.create(path, document)
        transaction.commit()
        return Offer(document["products"]["stripe"][0])
    prices = ((snapshot.to_dict() or {}).get("products") or {}).get("stripe") or []
    if not prices:
        raise CommandError(
            f"{path} names no price of Stripe, so nobody can subscribe to it: add "
            f'products, such as {{"stripe": ["price_{plan_id}"]}}.'
        )
    return Offer(str(prices[0]))


def remove_offers(db: Client) -> int:
    """Delete the documents that `offer_of` has made; return how many."""
    count = 0
    for plan_id in SHIPPED_PLANS:
        reference = db.document(plan_path(plan_id))
        if (reference.get().to_dict() or {}).get(MARK) == MADE_BY:
            reference.delete()
            count += 1
    return count


def events(
    person: Person, offer: Offer, since: datetime, until: datetime
) -> Iterator[ProviderEvent]:
    """Yield the start and the renewals of a subscription, in order, up to now."""
    if person.trial_days:
        end = since + timedelta(days=person.trial_days)
        yield _event(person, offer, Span(since, end), since, SubscriptionStatus.TRIALING)
        return
    grid = AnchoredGrid(Unit.MONTH, since, 1)
    period = grid.window_at(since)
    while period.start <= until:
        yield _event(person, offer, period, since, SubscriptionStatus.ACTIVE)
        period = grid.window_at(period.end)


def _event(
    person: Person, offer: Offer, period: Span, anchor: datetime, status: SubscriptionStatus
) -> ProviderEvent:
    in_trial = status is SubscriptionStatus.TRIALING
    item = PlanItem((offer.price,), period.start, period.end)
    return ProviderEvent(
        provider=Provider.STRIPE,
        id=f"evt_seed_{person.uid}_{period.start:%Y%m%d}",
        type="customer.subscription.updated",
        at=period.start,
        customer_id=f"cus_seed_{person.uid}",
        user_id=person.uid,
        subscription=SubscriptionUpdate(
            id=f"sub_seed_{person.uid}",
            status=StatusReport(status, status.value),
            items=(item,),
            anchor=anchor,
            trial=Trial(period.start, period.end) if in_trial else Trial(None, None),
            cancellation=Cancellation(renews=True),
            invoice_items=() if in_trial else (item,),
            invoice_is_paid=not in_trial,
        ),
    )


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "tier": plan.tier,
        "rank": plan.rank,
        "limits": {window.value: credits for (window, _), credits in plan.limits.items()},
        "products": {"stripe": [f"price_{plan.id}"]},
        "active": True,
        MARK: MADE_BY,
    }
