"""Sequences of Stripe's and RevenueCat's events over a month, in order, and the state that they lead to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.environment import START
from tests.stripe_payloads import CREDITS, MONTH, PLUS, PRO, seconds

if TYPE_CHECKING:
    from datetime import datetime

Json = dict[str, Any]
HOUR = timedelta(hours=1)
LATER = START + MONTH + 40 * HOUR


def _at(number: int) -> dict[str, Any]:
    return {"id_": f"evt_{number:02}", "at": START + number * HOUR}


def _subscription(number: int, price: str, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(price, **fields)
    return stripe.event("customer.subscription.updated", about, **_at(number))


def _refund(number: int, amount: int, created: int) -> Json:
    """Return a failed refund of a payment of that number, made some hours after the start."""
    about = {"id": f"re_{number}", "object": "refund", "amount": amount, "status": "failed"}
    at = seconds(START + created * HOUR)
    return {**about, "payment_intent": f"pi_{number}", "created": at}


def _checkout(number: int, hour: int, *lines: tuple[str, int], **fields: Any) -> Json:  # noqa: ANN401
    """Return a checkout of a payment of that number; lines are prices and quantities."""
    sold = [{"price": {"id": price}, "quantity": count} for price, count in lines]
    more = {"payment_intent": f"pi_{number}", "line_items": {"data": sold}, **fields}
    return stripe.event("checkout.session.completed", stripe.checkout(**more), **_at(hour))


def _temporary(uid: str, at: datetime, id_: str = "rc_9", **fields: Any) -> Json:  # noqa: ANN401
    payload = revenuecat.event(
        "TEMPORARY_ENTITLEMENT_GRANT", id_, at, at, at + 24 * HOUR, app_user_id=uid, **fields
    )
    for name in ("transaction_id", "original_transaction_id", "aliases"):
        del payload["event"][name]
    return payload


RENEWED = {"start": START + MONTH}
_GUEST = "$RCAnonymousID:1"
_NAMELESS: dict[str, Any] = {"app_user_id": _GUEST, "original_app_user_id": _GUEST, "aliases": []}
_PACK: dict[str, Any] = {
    "end": None,
    "product_id": "com.app.credits",
    "transaction_id": "pack_1",
    "original_transaction_id": "pack_1",
}
_KIMS: dict[str, Any] = {
    "id_": "sub_3",
    "customer": "cus_2",
    "metadata": {"userId": "kim"},
    **RENEWED,
}
_LATE = seconds(START + MONTH + 80 * HOUR)
BY_HAND = ("cus_9", "kim")
"""A customer, and the user that an operator wrote into their document before all events."""


def _with_options(event: Json) -> Json:
    """Return an event of a subscription with a yearly option more, and none of a higher plan."""
    start = START + MONTH
    items = event["data"]["object"]["items"]["data"]
    items.append(stripe.item("price_storage", start, start + 12 * MONTH))
    items.append({**stripe.item(PRO, start, start + MONTH), "quantity": 0})
    return event


_A5, _A6 = "$RCAnonymousID:5", "$RCAnonymousID:6"


def _ids(*names: str) -> dict[str, Any]:
    return {"app_user_id": names[0], "original_app_user_id": names[-1], "aliases": list(names)}


def _once(
    id_: str,
    hour: int,
    product: str,
    *names: str,
    type_: str = "NON_RENEWING_PURCHASE",
    **fields: Any,  # noqa: ANN401
) -> Json:
    """Return an event of something that is sold once and never ends, to a customer with these names."""
    bought_at = START + hour * HOUR
    at = bought_at + HOUR if type_ == "CANCELLATION" else bought_at
    more = {"product_id": product, "transaction_id": f"once_{hour}", **_ids(*names), **fields}
    more["original_transaction_id"] = more["transaction_id"]
    return revenuecat.event(type_, id_, at, bought_at, None, **more)


def _alias(id_: str, hour: int, *names: str) -> Json:
    return revenuecat.event("SUBSCRIBER_ALIAS", id_, START + hour * HOUR, **_ids(*names))


_OTHER: dict[str, Any] = {"original_transaction_id": "200", "transaction_id": "200"}
HISTORY = [
    _subscription(1, PLUS),
    stripe.event("checkout.session.completed", stripe.checkout("subscription"), **_at(2)),
    _subscription(3, PRO),
    _subscription(4, PLUS),
    stripe.event(
        "checkout.session.completed", stripe.checkout(metadata={"packId": "small"}), **_at(5)
    ),
    stripe.event("charge.dispute.created", stripe.dispute(), **_at(6)),
    stripe.event("charge.refunded", stripe.charge(200), **_at(7)),
    stripe.event("charge.dispute.closed", stripe.dispute("won"), **_at(8)),
    stripe.event("invoice.paid", stripe.invoice(START + MONTH), **_at(745)),
    _subscription(746, PLUS, **RENEWED, cancel_at_period_end=True),
    revenuecat.event("INITIAL_PURCHASE", "rc_1", START, product_id="com.app.pro"),
    revenuecat.event("PRODUCT_CHANGE", "rc_2", START + HOUR, new_product_id="com.app.plus"),
    revenuecat.transfer(["ada"], ["bob"], "rc_3", START + 2 * HOUR),
    revenuecat.event("CANCELLATION", "rc_4", START + 3 * HOUR, app_user_id="bob"),
    revenuecat.transfer(["bob"], ["eve"], "rc_5", START + 4 * HOUR),
    # A second user of the same customer, whose checkout named somebody else.
    _subscription(11, PRO, id_="sub_2", metadata={"userId": "ben"}, start=START + MONTH),
    stripe.event(
        "checkout.session.completed",
        stripe.checkout("subscription", "mallory", subscription="sub_2"),
        **_at(12),
    ),
    # A refund that fails days after its charge was reported, and a dispute on its way.
    stripe.event("refund.failed", _refund(1, 200, 7), **_at(103)),
    stripe.event("charge.dispute.updated", {**stripe.dispute("lost"), "id": "dp_2"}, **_at(13)),
    stripe.event("charge.dispute.closed", {**stripe.dispute("won"), "id": "dp_2"}, **_at(14)),
    # A pack that was bought before signing in, and the alias that tells whose it is.
    revenuecat.event("NON_RENEWING_PURCHASE", "rc_6", START, **_PACK, **_NAMELESS),
    revenuecat.event(
        "BILLING_ISSUE", "rc_7", START + 5 * HOUR, app_user_id="zoe", aliases=[_GUEST], **_OTHER
    ),
    revenuecat.event(
        "CANCELLATION",
        "rc_8",
        START + 5 * HOUR,
        cancel_reason="BILLING_ERROR",
        app_user_id="zoe",
        **_OTHER,
    ),
    _temporary("zoe", START + HOUR),
    # A subscription with options and an end that was set, of which an upgrade was declined.
    _subscription(747, PLUS, **_KIMS),
    _subscription(748, PRO, status="past_due", **_KIMS),
    _with_options(_subscription(750, PLUS, cancel_at=_LATE, **_KIMS)),
    # Several lines of one pack beside a tip. Half was refunded, which failed and is told again; then a part.
    _checkout(2, 20, (CREDITS, 3), (CREDITS, 1), ("price_tip", 1), user_id="kim", customer="cus_2"),
    stripe.event("charge.refunded", stripe.charge(250, payment="pi_2"), **_at(30)),
    stripe.event("refund.failed", _refund(2, 250, 30), **_at(100)),
    stripe.event("charge.refunded", stripe.charge(125, payment="pi_2"), **_at(110)),
    stripe.event("refund.updated", _refund(2, 250, 30), **_at(120)),
    # A pack of a customer whom an operator has written by hand.
    _checkout(3, 21, (CREDITS, 1), user_id="mallory", customer=BY_HAND[0]),
    # An alias of an alias: a pack, and a lifetime that ends what was given for a while under one of them.
    _once("rc_20", 0, "com.app.credits", _A5),
    _alias("rc_21", 1, _A6, _A5),
    _alias("rc_22", 2, "lea", _A6),
    _temporary(_A6, START + 4 * HOUR, "rc_24", product_id="com.app.pro", original_app_user_id=_A6),
    _once("rc_25", 5, "com.app.plus", "lea"),
    # A lifetime of which the price was given back, whatever the reason says.
    _once("rc_26", 6, "com.app.plus", "max"),
    _once(
        "rc_27",
        6,
        "com.app.plus",
        "max",
        type_="CANCELLATION",
        price=-9.99,
        cancel_reason="UNKNOWN",
    ),
]
HAD_ONCE: Json = {"quota": {"subscriptions": {}}, "subscription": None}
"""The document of somebody who held something for a while, in some orders, and has never called."""

OUTCOME = {
    "ada": ("plus", ["sub_1"], {"pi_1": (50, False)}),
    "bob": ("free", [], {}),
    "eve": ("free", [], {}),
    "ben": ("pro", ["sub_2"], {}),
    "mallory": ("free", [], {}),
    "zoe": ("free", [], {"pack_1": (50, False)}),
    "kim": ("plus", ["sub_3"], {"pi_2": (150, False), "pi_3": (50, False)}),
    "lea": ("plus", ["once_5"], {"once_0": (50, False)}),
    "max": ("free", [], {}),
}
"""In short, at the end: the plan, the subscriptions, what is left of grants and whether it is revoked."""
