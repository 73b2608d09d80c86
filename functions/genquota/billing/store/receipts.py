"""`webhookEvents/{provider}_{eventId}`: which events of providers were received, and the outcome of each.

A receipt is written in the commit of what the event did, so neither is ever there alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.store.record_codec import record_from_text, record_to_text
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data
from genquota.store.transaction import Transaction

KEPT_FOR = timedelta(days=90)
"""Longer than any provider sends again."""


class ReceiptStatus(StrEnum):
    """What became of an event."""

    PROCESSED = "processed"
    IGNORED = "ignored"
    """It said nothing that matters here."""
    UNMATCHED = "unmatched"
    """Something is missing, `problem` says what. Kept with the event until an operator has resolved it or
    what was missing has come: sent again, the event is processed anew."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an event, without anything personal."""

    event: ProviderEvent
    status: ReceiptStatus
    problem: str | None = None
    user_id: str | None = None
    received: ProviderEvent | None = None
    """The event as it was received, before the catalogue was looked into."""


def receipt_name(event: ProviderEvent) -> str:
    return f"{event.provider.value}_{event.id}"


def receipt_path(event: ProviderEvent) -> str:
    return receipt_path_of(receipt_name(event))


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A receipt as it was read."""

    status: str | None
    problem: str | None
    user_id: str | None
    event: ProviderEvent | None
    """Of one that is unmatched, unless an older release wrote it."""


def receipt_path_of(name: str) -> str:
    return f"webhookEvents/{name}"


def read_receipt(seen: Snapshot) -> StoredReceipt | None:
    """Parse a receipt; None if there is none."""
    if not seen.exists:
        return None
    data = document_data(seen)
    text = data.get("event")
    event = record_from_text(ProviderEvent, text) if isinstance(text, str) else None
    return StoredReceipt(data.get("status"), data.get("problem"), data.get("userId"), event)


def is_final(seen: Snapshot) -> bool:
    """Return whether an event has been dealt with."""
    status = document_data(seen).get("status")
    return bool(seen.exists) and status != ReceiptStatus.UNMATCHED


def write_receipt(
    transaction: Transaction, seen: Snapshot, receipt: Receipt, now: datetime
) -> None:
    """Write a receipt that must not be there, or be as it was seen: unmatched."""
    event = receipt.event
    is_open = receipt.status is ReceiptStatus.UNMATCHED
    document: dict[str, Any] = {
        "provider": event.provider.value,
        "eventId": event.id,
        "type": event.type,
        "eventAt": event.at,
        "status": receipt.status.value,
        "problem": receipt.problem,
        "userId": receipt.user_id,
        "customerId": event.customer_id,
        "subscriptionId": event.subscription.id if event.subscription else None,
        "paymentId": event.payment_id,
        "products": sorted(_products(event)),
        "receivedAt": now,
    }
    if seen.exists:
        document["deleteAt"] = DELETE_FIELD if is_open else now + KEPT_FOR
        document["event"] = _text(receipt) if is_open else DELETE_FIELD
        transaction.update(receipt_path(event), document, seen)
    else:
        # What still waits for an operator must not be deleted by itself.
        ending: dict[str, Any] = {"deleteAt": now + KEPT_FOR}
        if is_open:
            ending = {"event": _text(receipt)}
        transaction.create(receipt_path(event), {**document, **ending})


def close_receipts(
    transaction: Transaction, names: Iterable[str], receipt: Receipt, now: datetime
) -> None:
    """Record that what these events waited for has come, with the outcome that ``receipt`` has."""
    fields = {
        "status": receipt.status.value,
        "problem": receipt.problem,
        "userId": receipt.user_id,
        "deleteAt": now + KEPT_FOR,
        "event": DELETE_FIELD,
    }
    for name in names:
        transaction.add(receipt_path_of(name), fields)


def _text(receipt: Receipt) -> str:
    return record_to_text(receipt.received or receipt.event)


def _products(event: ProviderEvent) -> set[str]:
    bought = event.purchase.items if event.purchase else ()
    return {*event.products, *(name for item in bought for name in item.names)}
