"""From Stripe's events to ours. Pure: what is not in the event comes as an argument.

Who a customer is: `metadata.userId`, which only the shop's server can write, else the
`client_reference_id` of the checkout.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from genquota.domain.errors import InvalidArgument
from genquota.domain.provider_news import (
    Announcement,
    Dispute,
    Invoice,
    Item,
    Provider,
    ProviderEvent,
    Purchase,
    Refund,
    Standing,
    SubscriptionNews,
)
from genquota.domain.words import SubscriptionStatus
from genquota.messages.provider_payloads import from_seconds, read_payload, text_at
from genquota.messages.stripe_payloads import (
    StripeCharge,
    StripeCheckout,
    StripeDispute,
    StripeEnvelope,
    StripeInvoice,
    StripeLineItem,
    StripeSubscription,
)

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
_PAID = frozenset({"paid", "no_payment_required"})
_WON = frozenset({"won", "prevented"})
USER_ID, PACK_ID = "userId", "packId"

Json = Mapping[str, Any]


def sells_unnamed(event: ProviderEvent) -> bool:
    """Tell whether the event is a purchase that does not say of what: its line items must be asked for."""
    purchase = event.purchase
    return purchase is not None and purchase.pack_id is None and not purchase.items


def with_items(event: ProviderEvent, line_items: Iterable[Json]) -> ProviderEvent:
    """Return a purchase with the line items that Stripe was asked for.

    Raises:
        InvalidArgument: They are no line items.
    """
    if event.purchase is None:
        return event
    items = []
    for each in line_items:
        line = read_payload(StripeLineItem, each)
        names = (line.price.id, *([line.price.product] if line.price.product else []))
        items.append(Item(names, 1 if line.quantity is None else line.quantity))
    return replace(event, purchase=replace(event.purchase, items=tuple(items)))


def read_event(body: object) -> tuple[ProviderEvent, Json]:
    """Return an event that says nothing yet, and the object that it is about.

    Raises:
        InvalidArgument: It is no event of Stripe's.
    """
    envelope = read_payload(StripeEnvelope, body)
    at = from_seconds(envelope.created)
    event = ProviderEvent(Provider.STRIPE, envelope.id, envelope.type, at)
    return event, envelope.data.object


def with_news(event: ProviderEvent, about: Json) -> ProviderEvent:
    """Return the event with what its object says; types that are not known say nothing.

    Raises:
        InvalidArgument: A field that is needed is missing.
    """
    read = _READERS.get(event.type)
    return read(event, about) if read else event


def with_subscription(event: ProviderEvent, about: Json) -> ProviderEvent:
    """Return the event with how a subscription stands, as any copy of it says."""
    subscription = read_payload(StripeSubscription, about)
    items = subscription.items.data
    # Where items have periods of their own, access lasts as long as the longest.
    newest = max(items, key=lambda item: item.current_period_end or 0)
    start = newest.current_period_start or subscription.current_period_start
    end = newest.current_period_end or subscription.current_period_end
    if start is None or end is None:
        missing = "items.data.0.current_period_start"
        raise InvalidArgument(((missing, "missing"),))
    if subscription.ended_at is not None:
        end = min(end, subscription.ended_at)
    prices = [item.price for item in items if item.price]
    products = tuple(price.product for price in prices if price.product)
    status = _STATUS.get(subscription.status)
    if status is None:
        raise InvalidArgument((("status", "unknown"),))
    standing = Standing(
        status=status,
        provider_status=subscription.status,
        products=(tuple(price.id for price in prices), products),
        period_start=from_seconds(start),
        period_end=from_seconds(end),
        anchor=from_seconds(subscription.billing_cycle_anchor or start),
        unpaid_since=from_seconds(start) if status is SubscriptionStatus.PAST_DUE else None,
        trial_start=_instant(subscription.trial_start),
        trial_end=_instant(subscription.trial_end),
    )
    ends_with_period = subscription.cancel_at is not None and subscription.cancel_at <= end
    news = SubscriptionNews(
        id=subscription.id,
        standing=standing,
        renews=not (subscription.cancel_at_period_end or ends_with_period),
        announcement=Announcement(),
    )
    return replace(
        event,
        customer_id=subscription.customer,
        user_id=text_at(subscription.metadata, USER_ID),
        subscription=news,
    )


def _checkout(event: ProviderEvent, about: Json) -> ProviderEvent:
    checkout = read_payload(StripeCheckout, about)
    event = replace(
        event,
        customer_id=checkout.customer,
        user_id=text_at(checkout.metadata, USER_ID) or checkout.client_reference_id or None,
    )
    if checkout.mode != "payment" or checkout.payment_status not in _PAID:
        return event
    # What costs nothing has no payment.
    payment_id = checkout.payment_intent or checkout.id
    purchase = Purchase(payment_id, pack_id=text_at(checkout.metadata, PACK_ID))
    sold = checkout.line_items.data if checkout.line_items else ()
    return with_items(replace(event, purchase=purchase), sold)


def _invoice(event: ProviderEvent, about: Json) -> ProviderEvent:
    invoice = read_payload(StripeInvoice, about)
    periods = [line.period for line in invoice.lines.data if line.is_whole_period]
    if invoice.subscription_id is None or not periods:
        return event
    newest = max(periods, key=lambda period: period.end)
    paid = event.type != "invoice.payment_failed"
    said = Invoice(paid, from_seconds(newest.start), from_seconds(newest.end))
    news = SubscriptionNews(invoice.subscription_id, invoice=said)
    return replace(event, customer_id=invoice.customer, subscription=news)


def _charge(event: ProviderEvent, about: Json) -> ProviderEvent:
    charge = read_payload(StripeCharge, about)
    if charge.payment_intent is None:
        return event
    refund = Refund(charge.payment_intent, charge.amount_refunded, charge.amount)
    return replace(event, refund=refund)


def _dispute(event: ProviderEvent, about: Json) -> ProviderEvent:
    dispute = read_payload(StripeDispute, about)
    if dispute.payment_intent is None:
        return event
    # An inquiry (warning_…) takes no money back.
    is_held_back = dispute.status not in _WON and not dispute.status.startswith("warning")
    return replace(event, dispute=Dispute(dispute.payment_intent, is_held_back))


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_seconds(seconds)


_SUBSCRIPTION_TYPES = frozenset(
    f"customer.subscription.{verb}"
    for verb in ("created", "updated", "deleted", "paused", "resumed", "trial_will_end")
)
_READERS: Mapping[str, Callable[[ProviderEvent, Json], ProviderEvent]] = {
    **dict.fromkeys(_SUBSCRIPTION_TYPES, with_subscription),
    "checkout.session.completed": _checkout,
    "checkout.session.async_payment_succeeded": _checkout,
    "invoice.paid": _invoice,
    "invoice.payment_succeeded": _invoice,
    "invoice.payment_failed": _invoice,
    "charge.refunded": _charge,
    "charge.dispute.created": _dispute,
    "charge.dispute.closed": _dispute,
}
