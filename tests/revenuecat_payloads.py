"""RevenueCat's events as its documentation shows them."""

# ruff: noqa: ANN401 - payloads are JSON
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

START = datetime(2027, 3, 15, 9, tzinfo=UTC)
MONTH = timedelta(days=31)
ANONYMOUS = "$RCAnonymousID:8069238d6049ce87cc529853916d624c"


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def event(
    type_: str,
    id_: str = "12345678-1234-1234-1234-123456789012",
    at: datetime = START,
    start: datetime = START,
    end: datetime | None = START + MONTH,
    **fields: Any,
) -> Json:
    """Return an event about one product as it is posted to a webhook."""
    about = {
        "aliases": [ANONYMOUS],
        "app_id": "app1234567890",
        "app_user_id": "ada",
        "commission_percentage": 0.3,
        "country_code": "DE",
        "currency": "EUR",
        "entitlement_ids": ["plus"],
        "environment": "PRODUCTION",
        "event_timestamp_ms": milliseconds(at),
        "expiration_at_ms": end and milliseconds(end),
        "id": id_,
        "is_family_share": False,
        "original_app_user_id": ANONYMOUS,
        "original_transaction_id": "100000000000001",
        "period_type": "NORMAL",
        "price": 9.99,
        "product_id": "com.app.plus",
        "purchased_at_ms": milliseconds(start),
        "store": "APP_STORE",
        "subscriber_attributes": {
            "$email": {"updated_at_ms": milliseconds(start), "value": "ada@example.com"}
        },
        "transaction_id": "100000000000001",
        "type": type_,
    }
    return {"api_version": "1.0", "event": {**about, **fields}}


def transfer(from_ids: list[str], to_ids: list[str], id_: str = "t1", at: datetime = START) -> Json:
    return {
        "api_version": "1.0",
        "event": {
            "app_id": "app1234567890",
            "environment": "PRODUCTION",
            "event_timestamp_ms": milliseconds(at),
            "id": id_,
            "store": "APP_STORE",
            "transferred_from": from_ids,
            "transferred_to": to_ids,
            "type": "TRANSFER",
        },
    }
