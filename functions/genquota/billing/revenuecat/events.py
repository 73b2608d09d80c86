"""Parse RevenueCat's events. Pure.

RevenueCat's `app_user_id` is the uid, or some other name of a user whose aliases tell the uid. Ids that
its SDK made up for users who had not signed in are customers whom nobody knows yet.
"""

from dataclasses import replace
from datetime import datetime

from genquota.billing.domain.provider_events import TEMPORARY, Charge, Item, ProviderEvent, Purchase
from genquota.billing.domain.subscription_facts import (
    Cancellation,
    PlanItem,
    ScheduledChange,
    StatusReport,
    SubscriptionUpdate,
    Trial,
)
from genquota.billing.payloads import from_milliseconds, read_payload
from genquota.billing.revenuecat.customers import with_customer, with_transfer
from genquota.billing.revenuecat.payloads import (
    RevenueCatEnvelope,
    RevenueCatTransaction,
)
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.errors import InvalidArgument

_UNPAID = "BILLING_ERROR"

_STARTS_PERIOD = frozenset({"INITIAL_PURCHASE", "RENEWAL"})
_IS_ACTIVE = _STARTS_PERIOD | {"SUBSCRIPTION_EXTENDED", "REFUND_REVERSED"}
_SUBSCRIPTION_TYPES = _IS_ACTIVE | {
    "CANCELLATION",
    "UNCANCELLATION",
    "EXPIRATION",
    "BILLING_ISSUE",
    "SUBSCRIPTION_PAUSED",
}
_SOLD_ONCE_TYPES = frozenset({"CANCELLATION", "REFUND_REVERSED", "EXPIRATION"})
"""Those that may be about something that was sold once, and so has no end."""


def read_revenuecat(body: object) -> ProviderEvent:
    """Return the normalised event; unknown types leave it empty.

    Raises:
        InvalidArgument: A field that is needed is missing.
    """
    payload = read_payload(RevenueCatEnvelope, body).event
    event = ProviderEvent(
        Provider.REVENUECAT, payload.id, payload.type, from_milliseconds(payload.event_timestamp_ms)
    )
    if payload.type == "TRANSFER":
        return with_transfer(event, payload)
    if payload.type == "SUBSCRIBER_ALIAS" and payload.app_user_id:
        return with_customer(event, payload)
    if payload.type not in {*_SUBSCRIPTION_TYPES, *_READERS}:
        return event
    event = with_customer(event, payload)
    # The envelope has been understood, so `event` is there and a mapping.
    about = read_payload(RevenueCatTransaction, body["event"])  # type: ignore[index]
    read = _READERS.get(payload.type, _of_subscription)
    return read(event, about)


def _of_purchase(event: ProviderEvent, about: RevenueCatTransaction) -> ProviderEvent:
    """Read a single purchase: a pack, or a plan for a time or without end. The catalogue decides which."""
    item = Item(_names(about.product_id), 1)
    return replace(
        event,
        purchase=Purchase(_transaction_id(about), (item,)),
        subscription=_sold_once(about, StatusReport(SubscriptionStatus.ACTIVE, event.type)),
    )


def _of_product_change(event: ProviderEvent, about: RevenueCatTransaction) -> ProviderEvent:
    names = _names(about.new_product_id) if about.new_product_id else ()
    update = SubscriptionUpdate(
        _subscription_id(about),
        change=ScheduledChange(names),
        transaction_at=from_milliseconds(about.purchased_at_ms),
    )
    return replace(event, subscription=update)


def _of_temporary_grant(event: ProviderEvent, about: RevenueCatTransaction) -> ProviderEvent:
    """Return what is given until a store can be asked again. There is no transaction yet."""
    if about.expiration_at_ms is None:
        raise InvalidArgument((("event.expiration_at_ms", "missing"),))
    update = SubscriptionUpdate(
        f"{TEMPORARY}{event.customer_id}",
        status=StatusReport(SubscriptionStatus.TRIALING, event.type),
        items=(_item(about),),
        cancellation=Cancellation(renews=False),
        transaction_at=from_milliseconds(about.purchased_at_ms),
        is_temporary=True,
    )
    return replace(event, subscription=update)


def _of_subscription(event: ProviderEvent, about: RevenueCatTransaction) -> ProviderEvent:
    if about.expiration_at_ms is None and event.type not in _SOLD_ONCE_TYPES:
        raise InvalidArgument((("event.expiration_at_ms", "missing"),))
    event = replace(event, charge=_charge(event, about))
    status = _status(event, about)
    if about.expiration_at_ms is None:
        update = _sold_once(about, status) if status else None
        return replace(event, subscription=update)
    is_trial = about.period_type == "TRIAL"
    item = _item(about)
    update = SubscriptionUpdate(
        id=_subscription_id(about),
        status=status,
        items=(item,),
        anchor=item.start,
        trial=Trial(item.start, item.end) if is_trial else Trial(None, None),
        grace_end=_grace_end(about),
        cancellation=_cancellation(event.type, about),
        change=ScheduledChange() if event.type in _STARTS_PERIOD else None,
        transaction_at=item.start,
    )
    return replace(event, subscription=update)


def _sold_once(about: RevenueCatTransaction, status: StatusReport) -> SubscriptionUpdate:
    return SubscriptionUpdate(
        _subscription_id(about),
        status=status,
        items=(_item(about),),
        anchor=from_milliseconds(about.purchased_at_ms),
        cancellation=Cancellation(renews=False),
        transaction_at=from_milliseconds(about.purchased_at_ms),
        is_single_purchase=True,
    )


def _charge(event: ProviderEvent, about: RevenueCatTransaction) -> Charge | None:
    """Return what was given back of something that may have been sold once."""
    if event.type == "REFUND_REVERSED":
        return Charge(_transaction_id(about), returned=0, paid=1)
    if event.type == "CANCELLATION" and about.is_refund:
        return Charge(_transaction_id(about), returned=1, paid=1)
    return None


def _status(event: ProviderEvent, about: RevenueCatTransaction) -> StatusReport | None:
    """Return how it stands; None: the event does not say."""
    end = from_milliseconds(about.expiration_at_ms) if about.expiration_at_ms else None
    type_ = event.type
    if type_ in _IS_ACTIVE:
        is_trial = about.period_type == "TRIAL"
        status = SubscriptionStatus.TRIALING if is_trial else SubscriptionStatus.ACTIVE
        return StatusReport(status, type_)
    if type_ == "CANCELLATION" and about.is_refund:
        return StatusReport(SubscriptionStatus.CANCELED, type_, ended_at=event.at)
    if type_ == "BILLING_ISSUE" or (type_ == "CANCELLATION" and about.cancel_reason == _UNPAID):
        return StatusReport(SubscriptionStatus.PAST_DUE, type_, unpaid_since=end)
    if type_ == "EXPIRATION":
        is_pause = about.expiration_reason == "SUBSCRIPTION_PAUSED"
        return StatusReport(
            SubscriptionStatus.PAUSED if is_pause else SubscriptionStatus.EXPIRED, type_
        )
    return None


def _cancellation(type_: str, about: RevenueCatTransaction) -> Cancellation | None:
    """Return whether it will renew; None: the event does not say."""
    if type_ in {*_STARTS_PERIOD, "UNCANCELLATION"}:
        return Cancellation(renews=True)
    is_given_up = not about.is_refund and about.cancel_reason != _UNPAID
    if type_ == "SUBSCRIPTION_PAUSED" or (type_ == "CANCELLATION" and is_given_up):
        return Cancellation(renews=False)
    return None


def _item(about: RevenueCatTransaction) -> PlanItem:
    end = about.expiration_at_ms
    return PlanItem(
        _names(about.product_id),
        from_milliseconds(about.purchased_at_ms),
        None if end is None else from_milliseconds(end),
    )


def _grace_end(about: RevenueCatTransaction) -> datetime | None:
    grace = about.grace_period_expiration_at_ms
    return from_milliseconds(grace) if grace else None


def _subscription_id(about: RevenueCatTransaction) -> str:
    transaction_id = _transaction_id(about)
    return about.original_transaction_id or transaction_id


def _transaction_id(about: RevenueCatTransaction) -> str:
    if about.transaction_id is None:
        raise InvalidArgument((("event.transaction_id", "missing"),))
    return about.transaction_id


def _names(product_id: str) -> tuple[str, ...]:
    """Return the names that the catalogue may have: Google's are `subscription:base-plan`, or the first."""
    return tuple(dict.fromkeys((product_id, product_id.partition(":")[0])))


_READERS = {
    "NON_RENEWING_PURCHASE": _of_purchase,
    "PRODUCT_CHANGE": _of_product_change,
    "TEMPORARY_ENTITLEMENT_GRANT": _of_temporary_grant,
}
