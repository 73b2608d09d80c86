"""From RevenueCat's events to ours. Pure.

RevenueCat's `app_user_id` is the uid. Ids that its SDK made up for users who had not signed in are
customers whom nobody knows yet.
"""

from collections.abc import Iterable
from dataclasses import replace

from genquota.domain.errors import InvalidArgument
from genquota.domain.provider_news import (
    Announcement,
    Item,
    Products,
    Provider,
    ProviderEvent,
    Purchase,
    Refund,
    Standing,
    SubscriptionNews,
    Transfer,
)
from genquota.domain.words import SubscriptionStatus
from genquota.messages.provider_payloads import from_milliseconds, read_payload
from genquota.messages.revenuecat_payloads import (
    RevenueCatEnvelope,
    RevenueCatEvent,
    RevenueCatTransaction,
)

_ANONYMOUS = "$RCAnonymousID:"
_REFUNDED = "CUSTOMER_SUPPORT"
_UNPAID = "BILLING_ERROR"

_STARTS_PERIOD = frozenset({"INITIAL_PURCHASE", "RENEWAL"})
_SUBSCRIPTION_TYPES = _STARTS_PERIOD | {
    "CANCELLATION",
    "UNCANCELLATION",
    "EXPIRATION",
    "BILLING_ISSUE",
    "SUBSCRIPTION_PAUSED",
    "SUBSCRIPTION_EXTENDED",
    "REFUND_REVERSED",
}
_OF_ANYTHING = frozenset({"CANCELLATION", "REFUND_REVERSED", "PRODUCT_CHANGE"})
"""Those that may be about something that was sold once, and so has no end."""


def read_revenuecat(body: object) -> ProviderEvent:
    """Return an event in our language; types that are not known say nothing.

    Raises:
        InvalidArgument: A field that is needed is missing.
    """
    said = read_payload(RevenueCatEnvelope, body).event
    event = ProviderEvent(
        Provider.REVENUECAT, said.id, said.type, from_milliseconds(said.event_timestamp_ms)
    )
    if said.type == "TRANSFER":
        return _transfer(event, said)
    if said.type not in {*_SUBSCRIPTION_TYPES, "PRODUCT_CHANGE", "NON_RENEWING_PURCHASE"}:
        return event
    event = _of_customer(event, said)
    # The envelope has been understood, so `event` is there and a mapping.
    about = read_payload(RevenueCatTransaction, body["event"])  # type: ignore[index]
    if said.type == "NON_RENEWING_PURCHASE":
        item = Item(_names(about.product_id), 1)
        return replace(event, purchase=Purchase(about.transaction_id, (item,)))
    if about.expiration_at_ms is None and said.type not in _OF_ANYTHING:
        raise InvalidArgument((("event.expiration_at_ms", "missing"),))
    if about.expiration_at_ms is None and said.type != "PRODUCT_CHANGE":
        return _of_single_purchase(event, about)
    return replace(event, subscription=_news(event, about))


def _of_customer(event: ProviderEvent, said: RevenueCatEvent) -> ProviderEvent:
    """Say whose it is. An alias that is no made-up id names the same person."""
    if said.app_user_id is None:
        raise InvalidArgument((("event.app_user_id", "missing"),))
    ids = (said.app_user_id, said.original_app_user_id, *sorted(said.aliases))
    return replace(event, customer_id=said.app_user_id, user_id=_first_known(ids))


def _transfer(event: ProviderEvent, said: RevenueCatEvent) -> ProviderEvent:
    if not said.transferred_from or not said.transferred_to:
        raise InvalidArgument((("event.transferred_to", "missing"),))
    to_id = _first_known(said.transferred_to) or said.transferred_to[0]
    from_ids = tuple(each for each in said.transferred_from if each != to_id)
    return replace(
        event,
        customer_id=to_id,
        user_id=_first_known([to_id]),
        transfer=Transfer(from_ids, to_id),
    )


def _of_single_purchase(event: ProviderEvent, about: RevenueCatTransaction) -> ProviderEvent:
    """Say what became of something that was sold once."""
    if event.type == "CANCELLATION" and about.cancel_reason == _REFUNDED:
        return replace(event, refund=Refund(about.transaction_id, returned=1, paid=1))
    if event.type == "REFUND_REVERSED":
        return replace(event, refund=Refund(about.transaction_id, returned=0, paid=1))
    return event


def _news(event: ProviderEvent, about: RevenueCatTransaction) -> SubscriptionNews:
    if event.type == "PRODUCT_CHANGE":
        products = _products(about.new_product_id) if about.new_product_id else ()
        return SubscriptionNews(about.subscription_id, announcement=Announcement(products))
    return SubscriptionNews(
        id=about.subscription_id,
        standing=_standing(event, about),
        renews=_renews(event.type, about),
        announcement=Announcement() if event.type in _STARTS_PERIOD else None,
    )


def _standing(event: ProviderEvent, about: RevenueCatTransaction) -> Standing:
    end = from_milliseconds(about.expiration_at_ms or 0)
    start = from_milliseconds(about.purchased_at_ms)
    is_trial = about.period_type == "TRIAL"
    status = SubscriptionStatus.TRIALING if is_trial else SubscriptionStatus.ACTIVE
    unpaid_since = None
    if _is_unpaid(event.type, about):
        status, unpaid_since = SubscriptionStatus.PAST_DUE, end
        grace = about.grace_period_expiration_at_ms
        end = max(end, from_milliseconds(grace)) if grace else end
    elif event.type == "CANCELLATION" and about.cancel_reason == _REFUNDED:
        status, end = SubscriptionStatus.CANCELED, min(end, event.at)
    elif event.type == "EXPIRATION":
        is_pause = about.expiration_reason == "SUBSCRIPTION_PAUSED"
        status = SubscriptionStatus.PAUSED if is_pause else SubscriptionStatus.EXPIRED
    return Standing(
        status=status,
        provider_status=event.type,
        products=_products(about.product_id),
        period_start=start,
        period_end=end,
        anchor=start,
        unpaid_since=unpaid_since,
        trial_start=start if is_trial else None,
        trial_end=from_milliseconds(about.expiration_at_ms or 0) if is_trial else None,
    )


def _renews(type_: str, about: RevenueCatTransaction) -> bool | None:
    """Say whether it will renew; None: the event does not say."""
    if type_ in {*_STARTS_PERIOD, "UNCANCELLATION"}:
        return True
    if type_ == "SUBSCRIPTION_PAUSED":
        return False
    if type_ == "CANCELLATION" and about.cancel_reason not in {_REFUNDED, _UNPAID}:
        return False
    return None


def _is_unpaid(type_: str, about: RevenueCatTransaction) -> bool:
    return type_ == "BILLING_ISSUE" or (type_ == "CANCELLATION" and about.cancel_reason == _UNPAID)


def _products(product_id: str) -> Products:
    """Return the names that the catalogue may have: Google's are `subscription:base-plan`, or the first."""
    return tuple((name,) for name in _names(product_id))


def _names(product_id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((product_id, product_id.partition(":")[0])))


def _first_known(ids: Iterable[str | None]) -> str | None:
    return next((each for each in ids if each and not each.startswith(_ANONYMOUS)), None)
