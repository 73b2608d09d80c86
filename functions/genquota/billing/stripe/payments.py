"""Parse Stripe's events on payments: checkouts, refunds and disputes. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from genquota.billing.domain.provider_events import (
    Charge,
    Dispute,
    Item,
    NamedBy,
    ProviderEvent,
    Purchase,
    Refund,
)
from genquota.billing.domain.subscription_facts import SubscriptionUpdate
from genquota.billing.payloads import from_seconds, read_payload, text_at
from genquota.billing.stripe.payloads import (
    StripeCharge,
    StripeCheckout,
    StripeDispute,
    StripeLineItem,
    StripeRefund,
)

_PAID = frozenset({"paid", "no_payment_required"})
_WON = frozenset({"won", "prevented"})
_NOT_REFUNDED = frozenset({"failed", "canceled"})
_SELLS = frozenset({"payment", "subscription"})
"""Modes of a checkout that may sell packs."""
USER_ID, PACK_ID = "userId", "packId"

Json = Mapping[str, Any]


def lacks_items(event: ProviderEvent) -> bool:
    """Return whether the event is a purchase that does not say of what, or of how many.

    Then its line items must be asked for.
    """
    return event.purchase is not None and not event.purchase.items


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
        items.append(Item(line.names, 1 if line.quantity is None else line.quantity))
    return replace(event, purchase=replace(event.purchase, items=tuple(items)))


def _checkout(event: ProviderEvent, about: Json) -> ProviderEvent:
    checkout = read_payload(StripeCheckout, about)
    by_server = text_at(checkout.metadata, USER_ID)
    event = replace(
        event,
        customer_id=checkout.customer,
        user_id=by_server or checkout.client_reference_id or None,
        named_by=NamedBy.CHECKOUT if by_server else NamedBy.CLIENT_REFERENCE,
    )
    if checkout.subscription and event.user_id:
        event = replace(event, subscription=SubscriptionUpdate(checkout.subscription))
    if checkout.mode not in _SELLS or checkout.payment_status not in _PAID:
        return event
    pack_id = text_at(checkout.metadata, PACK_ID)
    purchase = Purchase(
        # What costs nothing has no payment, and what a subscription's invoice bills has that one.
        checkout.payment_intent or checkout.invoice or checkout.id,
        pack_id=pack_id,
        must_be_known=checkout.mode == "payment" or pack_id is not None,
        amount=checkout.amount_total,
    )
    sold = checkout.line_items.data if checkout.line_items else ()
    return with_items(replace(event, purchase=purchase), sold)


def _charge(event: ProviderEvent, about: Json) -> ProviderEvent:
    charge = read_payload(StripeCharge, about)
    if charge.payment_intent is None:
        return event
    fact = Charge(charge.payment_intent, charge.amount_refunded, charge.amount)
    return replace(event, charge=fact)


def _refund(event: ProviderEvent, about: Json) -> ProviderEvent:
    refund = read_payload(StripeRefund, about)
    if refund.payment_intent is None:
        return event
    is_owed = refund.status not in _NOT_REFUNDED and event.type != "refund.failed"
    created_at = from_seconds(refund.created)
    fact = Refund(refund.payment_intent, refund.id, refund.amount, is_owed, created_at)
    return replace(event, refund=fact)


def _dispute(event: ProviderEvent, about: Json) -> ProviderEvent:
    dispute = read_payload(StripeDispute, about)
    if dispute.payment_intent is None:
        return event
    # An inquiry (warning_…) takes no money back.
    is_held_back = dispute.status not in _WON and not dispute.status.startswith("warning")
    return replace(event, dispute=Dispute(dispute.payment_intent, is_held_back, dispute.id))


_DISPUTE_TYPES = frozenset(
    f"charge.dispute.{verb}"
    for verb in ("created", "updated", "funds_withdrawn", "funds_reinstated", "closed")
)
PAYMENT_READERS: Mapping[str, Callable[[ProviderEvent, Json], ProviderEvent]] = {
    "checkout.session.completed": _checkout,
    "checkout.session.async_payment_succeeded": _checkout,
    "charge.refunded": _charge,
    "charge.refund.updated": _refund,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    **dict.fromkeys(_DISPUTE_TYPES, _dispute),
}
