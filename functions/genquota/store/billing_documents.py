"""`subscriptions`, `customers`, `payments`: from document to record and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.billing import SubscriptionRecord, entitlement
from genquota.domain.customers import CustomerRecord
from genquota.domain.provider_news import BY_HAND, Provider, Register
from genquota.domain.purchases import PaymentRecord
from genquota.domain.words import is_document_name
from genquota.store.record_text import record_from_text, record_to_text
from genquota.store.transaction import Snapshot, Transaction, contents

REFUND_WAITS = timedelta(days=180)
"""For its purchase, which may never come: most payments are none for credits."""


def customer_path(provider: Provider, customer_id: str) -> str:
    return f"customers/{provider.value}_{customer_id}"


def payment_path(provider: Provider, payment_id: str) -> str:
    return f"payments/{provider.value}_{payment_id}"


def read_subscription_record(snapshot: Snapshot) -> tuple[SubscriptionRecord | None, str | None]:
    """Return what providers have told of a subscription, and the user it was last seen with.

    One that no provider has told of, such as a manual one, has no record.
    """
    data = contents(snapshot)
    text = data.get("record")
    record = record_from_text(SubscriptionRecord, text) if text else None
    return record, data.get("userId")


def write_subscription_record(
    transaction: Transaction,
    seen: Snapshot,
    record: SubscriptionRecord,
    user_id: str | None,
    now: datetime,
) -> None:
    """Write a record, and beside it what it comes to, for those who look at it."""
    stands = entitlement(record)
    document: dict[str, Any] = {
        "userId": user_id,
        "provider": record.provider.value,
        "providerCustomerId": record.holder.value if record.holder else None,
        "providerUpdatedAt": record.updated_at,
        "updatedAt": now,
        "record": record_to_text(record),
    }
    if stands is None:
        document |= {"planId": None, "status": "incomplete"}
    else:
        said = record.standing.value if record.standing else None
        document |= {
            "planId": stands.plan_id,
            "nextPlanId": stands.next_plan_id,
            "status": stands.status.value,
            "currentPeriodStart": stands.period_start,
            "currentPeriodEnd": stands.period_end,
            "anchor": stands.anchor,
            "trialStart": stands.trial_start,
            "trialEnd": stands.trial_end,
            "cancelAtPeriodEnd": stands.cancel_at_period_end,
            "metadata": {
                "providerStatus": said.provider_status if said else None,
                "products": [name for names in said.products for name in names] if said else [],
            },
        }
    _write(transaction, seen, document, now)


def read_customer(snapshot: Snapshot, customer_id: str) -> tuple[CustomerRecord, CustomerRecord]:
    """Return what was known of a customer when it was last written, and what stands there now.

    An operator may have written meanwhile who the customer is, and is believed before any event.
    """
    data = contents(snapshot)
    text, user_id = data.get("record"), data.get("userId")
    known = record_from_text(CustomerRecord, text) if text else CustomerRecord(customer_id)
    if not isinstance(user_id, str) or not is_document_name(user_id):
        return known, replace(known, user=None)
    if user_id == known.user_id:
        return known, known
    return known, replace(known, user=Register(user_id, BY_HAND))


def write_customer(
    transaction: Transaction, seen: Snapshot, customer: CustomerRecord, now: datetime
) -> None:
    document = {"userId": customer.user_id, "record": record_to_text(customer), "updatedAt": now}
    _write(transaction, seen, document, now)


def read_payment(snapshot: Snapshot) -> PaymentRecord | None:
    text = contents(snapshot).get("record")
    return record_from_text(PaymentRecord, text) if text else None


def write_payment(
    transaction: Transaction, seen: Snapshot, payment: PaymentRecord, now: datetime
) -> None:
    document: dict[str, Any] = {
        "userId": payment.user_id,
        "record": record_to_text(payment),
        "updatedAt": now,
    }
    if not payment.grants:
        document["deleteAt"] = now + REFUND_WAITS
    elif seen.exists:
        document["deleteAt"] = DELETE_FIELD
    _write(transaction, seen, document, now)


def _write(
    transaction: Transaction, seen: Snapshot, document: Mapping[str, Any], now: datetime
) -> None:
    """Write a document that must be as it was seen."""
    path = seen.reference.path
    if seen.exists:
        transaction.update(path, document, seen)
    else:
        transaction.create(path, {**document, "createdAt": now})
