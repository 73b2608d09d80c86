"""Stripe's objects and events as its API reference shows them, in their newest form and the older one."""

# ruff: noqa: ANN401 - payloads are JSON
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

START = datetime(2027, 3, 15, 9, tzinfo=UTC)
MONTH = timedelta(days=31)
PLUS, PRO, CREDITS = "price_plus", "price_pro", "price_credits"


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def event(type_: str, about: Json, id_: str = "evt_1", at: datetime = START) -> Json:
    """Return an event as it is posted to a webhook."""
    return {
        "id": id_,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": seconds(at),
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": "req_1", "idempotency_key": None},
        "type": type_,
    }


def subscription(
    price: str = PLUS,
    start: datetime = START,
    end: datetime | None = None,
    *,
    id_: str = "sub_1",
    customer: str = "cus_1",
    status: str = "active",
    **fields: Any,
) -> Json:
    """Return a subscription in the form of the API since 2025-03-31: its item has the period."""
    return {
        "id": id_,
        "object": "subscription",
        "billing_cycle_anchor": seconds(start),
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "collection_method": "charge_automatically",
        "created": seconds(start),
        "currency": "eur",
        "customer": customer,
        "ended_at": None,
        "items": {
            "object": "list",
            "data": [item(price, start, end or start + MONTH)],
            "has_more": False,
            "total_count": 1,
            "url": "/v1/subscription_items",
        },
        "latest_invoice": "in_1",
        "livemode": False,
        "metadata": {},
        "start_date": seconds(start),
        "status": status,
        "trial_end": None,
        "trial_start": None,
        **fields,
    }


def item(price: str, start: datetime, end: datetime) -> Json:
    return {
        "id": f"si_{price}",
        "object": "subscription_item",
        "created": seconds(start),
        "current_period_start": seconds(start),
        "current_period_end": seconds(end),
        "metadata": {},
        "price": {
            "id": price,
            "object": "price",
            "active": True,
            "currency": "eur",
            "product": f"prod_{price}",
            "type": "recurring",
            "unit_amount": 900,
        },
        "quantity": 1,
    }


def older(subscription_: Json) -> Json:
    """Return a subscription in the form before 2025-03-31: it has the period itself."""
    items = subscription_["items"]
    (only,) = items["data"]
    names = ("current_period_start", "current_period_end")
    period = {name: only[name] for name in names}
    bare = {name: value for name, value in only.items() if name not in names}
    return {**subscription_, **period, "items": {**items, "data": [bare]}}


def invoice(
    start: datetime = START,
    end: datetime | None = None,
    *,
    subscription_id: str | None = "sub_1",
    customer: str = "cus_1",
    proration: bool = False,
) -> Json:
    """Return an invoice of a subscription's period."""
    details: Json = {"metadata": {}, "subscription": subscription_id}
    parent = {"type": "subscription_details", "subscription_details": details}
    line_parent = {
        "type": "subscription_item_details",
        "subscription_item_details": {"proration": proration, "subscription": subscription_id},
    }
    line = {
        "id": "il_1",
        "object": "line_item",
        "amount": 900,
        "parent": line_parent,
        "period": {"start": seconds(start), "end": seconds(end or start + MONTH)},
    }
    return {
        "id": "in_1",
        "object": "invoice",
        "billing_reason": "subscription_cycle",
        "customer": customer,
        "lines": {"object": "list", "data": [line], "has_more": False},
        "parent": parent if subscription_id else None,
    }


def older_invoice(start: datetime = START, end: datetime | None = None) -> Json:
    """Return an invoice in the form before 2025-03-31."""
    period = {"start": seconds(start), "end": seconds(end or start + MONTH)}
    line = {"id": "il_1", "type": "subscription", "proration": False, "period": period}
    return {
        "id": "in_1",
        "object": "invoice",
        "customer": "cus_1",
        "subscription": "sub_1",
        "lines": {"object": "list", "data": [line], "has_more": False},
    }


def checkout(mode: str = "payment", user_id: str | None = "ada", **fields: Any) -> Json:
    """Return a checkout session that was completed and paid."""
    return {
        "id": "cs_1",
        "object": "checkout.session",
        "amount_total": 500,
        "client_reference_id": user_id,
        "customer": "cus_1",
        "customer_details": {"email": "ada@example.com", "name": "Ada"},
        "metadata": {},
        "mode": mode,
        "payment_intent": "pi_1" if mode == "payment" else None,
        "payment_status": "paid",
        "status": "complete",
        "subscription": "sub_1" if mode == "subscription" else None,
        **fields,
    }


def charge(refunded: int = 500, amount: int = 500, payment: str | None = "pi_1") -> Json:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": amount,
        "amount_refunded": refunded,
        "customer": "cus_1",
        "payment_intent": payment,
        "refunded": refunded == amount,
    }


def dispute(status: str = "needs_response", payment: str | None = "pi_1") -> Json:
    return {
        "id": "dp_1",
        "object": "dispute",
        "amount": 500,
        "charge": "ch_1",
        "payment_intent": payment,
        "reason": "fraudulent",
        "status": status,
    }
