"""Parse Stripe's events. Pure: what is not in the event comes as an argument.

Whose a subscription is: `metadata.userId` of its own, which only the shop's server can write, else the
same of its checkout, else the checkout's `client_reference_id`, else whoever its customer is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from genquota.billing.domain.provider_events import NamedBy, ProviderEvent
from genquota.billing.domain.subscription_facts import (
    Cancellation,
    Period,
    PlanItem,
    PurchasedItems,
    ScheduledChange,
    StatusReport,
    SubscriptionUpdate,
    Trial,
)
from genquota.billing.payloads import from_seconds, read_payload, text_at
from genquota.billing.stripe.payloads import (
    StripeEnvelope,
    StripeInvoice,
    StripeItem,
    StripeSubscription,
)
from genquota.billing.stripe.payments import PAYMENT_READERS, USER_ID
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.errors import InvalidArgument

_STATUS = {
    "active": SubscriptionStatus.ACTIVE,
    "trialing": SubscriptionStatus.TRIALING,
    "past_due": SubscriptionStatus.PAST_DUE,
    "canceled": SubscriptionStatus.CANCELED,
    "paused": SubscriptionStatus.PAUSED,
    "incomplete": SubscriptionStatus.INCOMPLETE,
    "incomplete_expired": SubscriptionStatus.EXPIRED,
    "unpaid": SubscriptionStatus.EXPIRED,
}

Json = Mapping[str, Any]


def read_event(body: object) -> tuple[ProviderEvent, Json]:
    """Return an event that says nothing yet, and the object that it is about.

    Raises:
        InvalidArgument: It is no event of Stripe's.
    """
    envelope = read_payload(StripeEnvelope, body)
    at = from_seconds(envelope.created)
    event = ProviderEvent(Provider.STRIPE, envelope.id, envelope.type, at)
    return event, envelope.data.object


def with_facts(event: ProviderEvent, about: Json) -> ProviderEvent:
    """Return the event with what its object says; types that are not known say nothing.

    Raises:
        InvalidArgument: A field that is needed is missing.
    """
    read = _READERS.get(event.type)
    return read(event, about) if read else event


def with_subscription(event: ProviderEvent, about: Json) -> ProviderEvent:
    """Return the event with how a subscription stands, as any copy of it says.

    Raises:
        InvalidArgument: A field that is needed is missing, or the status is not known.
    """
    subscription = read_payload(StripeSubscription, about)
    status = _STATUS.get(subscription.status)
    if status is None:
        raise InvalidArgument((("status", "unknown"),))
    items = tuple(_plan_items(subscription, subscription.items.data))
    # One of which nothing is left consists of nothing, and its period does not matter.
    counted = tuple(
        item for item, each in zip(items, subscription.items.data, strict=True) if each.counts
    )
    update = SubscriptionUpdate(
        id=subscription.id,
        status=StatusReport(status, subscription.status, ended_at=_instant(subscription.ended_at)),
        items=counted,
        bought=None if counted else PurchasedItems(()),
        period=None if counted else Period(items[0].start, items[0].end),
        anchor=_instant(subscription.billing_cycle_anchor),
        trial=_trial(subscription, about),
        cancellation=_cancellation(subscription, about),
        change=ScheduledChange(),
    )
    return replace(
        event,
        customer_id=subscription.customer,
        user_id=text_at(subscription.metadata, USER_ID),
        named_by=NamedBy.OWN,
        subscription=update,
    )


def _plan_items(
    subscription: StripeSubscription, items: Iterable[StripeItem]
) -> Iterable[PlanItem]:
    for number, item in enumerate(items):
        start = item.current_period_start or subscription.current_period_start
        end = item.current_period_end or subscription.current_period_end
        if start is None or end is None:
            missing = f"items.data.{number}.current_period_start"
            raise InvalidArgument(((missing, "missing"),))
        yield PlanItem(item.names, from_seconds(start), from_seconds(end))


def _cancellation(subscription: StripeSubscription, about: Json) -> Cancellation | None:
    """Return what is said of its end; a copy that leaves out the fields says nothing of it."""
    if not {"cancel_at", "cancel_at_period_end"} & about.keys():
        return None
    return Cancellation(
        renews=not subscription.cancel_at_period_end, ends_at=_instant(subscription.cancel_at)
    )


def _trial(subscription: StripeSubscription, about: Json) -> Trial | None:
    if not {"trial_start", "trial_end"} & about.keys():
        return None
    return Trial(_instant(subscription.trial_start), _instant(subscription.trial_end))


def _invoice(event: ProviderEvent, about: Json) -> ProviderEvent:
    invoice = read_payload(StripeInvoice, about)
    lines = [line for line in invoice.lines.data if line.is_whole_period]
    if invoice.subscription_id is None or not lines:
        return event
    update = SubscriptionUpdate(
        invoice.subscription_id,
        invoice_items=tuple(
            PlanItem(line.all_names, from_seconds(line.period.start), from_seconds(line.period.end))
            for line in lines
        ),
        invoice_is_paid=event.type != "invoice.payment_failed",
    )
    return replace(event, customer_id=invoice.customer, subscription=update)


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_seconds(seconds)


_SUBSCRIPTION_TYPES = frozenset(
    f"customer.subscription.{verb}"
    for verb in ("created", "updated", "deleted", "paused", "resumed", "trial_will_end")
)
_READERS: Mapping[str, Callable[[ProviderEvent, Json], ProviderEvent]] = {
    **dict.fromkeys(_SUBSCRIPTION_TYPES, with_subscription),
    "invoice.paid": _invoice,
    "invoice.payment_succeeded": _invoice,
    "invoice.payment_failed": _invoice,
    **PAYMENT_READERS,
}
