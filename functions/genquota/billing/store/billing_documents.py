"""`subscriptions`, `customers`, `payments`: from document to record and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.billing.domain.customers import CustomerRecord
from genquota.billing.domain.entitlements import entitlement
from genquota.billing.domain.purchases import PaymentRecord
from genquota.billing.domain.subscription_reducer import SubscriptionRecord
from genquota.billing.store.billing_form_1 import (
    customer_of_form_1,
    payment_of_form_1,
    subscription_of_form_1,
)
from genquota.billing.store.record_codec import record_from_text, record_to_text
from genquota.domain.enums import Provider
from genquota.domain.texts import is_document_name
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.subscription_fields import public_fields
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument

_FORM = 2
"""Of the records' texts; what was written before had none."""

REFUND_WAITS = timedelta(days=180)
"""For its purchase, which may never come: most payments are none for credits."""


_MADE_BY_BILLING = frozenset({"quota", "subscription", "updatedAt"})
"""What `save_quota_state` writes of a user without a document."""


def is_known_user(seen: UserDocument) -> bool:
    """Return whether there is such a user: none is deleted, or only named by an event of a provider."""
    is_there = seen.is_complete or not seen.data.keys() <= _MADE_BY_BILLING
    return seen.exists and is_there and not seen.account.is_deleted


def customer_path(provider: Provider, customer_id: str) -> str:
    return f"customers/{provider.value}_{customer_id}"


def payment_path(provider: Provider, payment_id: str) -> str:
    return f"payments/{provider.value}_{payment_id}"


def read_subscription_record(snapshot: Snapshot) -> tuple[SubscriptionRecord | None, str | None]:
    """Return what providers have reported of a subscription, and the user it was last seen with.

    One that no provider has reported, such as a manual one, has no record.
    """
    data = document_data(snapshot)
    text = data.get("record")
    record = record_from_text(SubscriptionRecord, text, subscription_of_form_1) if text else None
    return record, data.get("userId")


def write_subscription_record(
    transaction: Transaction,
    seen: Snapshot,
    record: SubscriptionRecord,
    user_id: str | None,
    now: datetime,
) -> None:
    """Write a record, and beside it what it comes to, for those who look at it."""
    comes_to = entitlement(record)
    document: dict[str, Any] = {
        "userId": user_id,
        "provider": record.provider.value,
        "providerCustomerId": record.customer.value if record.customer else None,
        "providerUpdatedAt": record.updated_at,
        "updatedAt": now,
        "record": record_to_text(record, _FORM),
    }
    if comes_to is None:
        document |= {"planId": None, "status": "incomplete"}
    else:
        document |= public_fields(
            comes_to.plan_id,
            comes_to.status,
            comes_to.anchor,
            (comes_to.period_start, comes_to.period_end),
            cancel_at_period_end=comes_to.cancel_at_period_end,
        )
        document |= {
            "nextPlanId": comes_to.next_plan_id,
            "trialStart": comes_to.trial_start,
            "trialEnd": comes_to.trial_end,
            "metadata": {
                "providerStatus": comes_to.provider_status,
                "products": list(comes_to.products),
            },
        }
    _write(transaction, seen, document, now)


def read_customer(snapshot: Snapshot, customer_id: str) -> tuple[CustomerRecord, CustomerRecord]:
    """Return what was known of a customer when it was last written, and what stands there now.

    An operator may have written meanwhile who the customer is, and is believed before any event.
    """
    data = document_data(snapshot)
    text, user_id = data.get("record"), data.get("userId")
    known = CustomerRecord(customer_id)
    if text:
        known = record_from_text(CustomerRecord, text, customer_of_form_1)
    if not isinstance(user_id, str) or not is_document_name(user_id):
        return known, replace(known, by_hand=None, users=())
    if user_id == known.user_id:
        return known, known
    return known, replace(known, by_hand=user_id)


def write_customer(
    transaction: Transaction, seen: Snapshot, customer: CustomerRecord, now: datetime
) -> None:
    text = record_to_text(customer, _FORM)
    document = {"userId": customer.user_id, "record": text, "updatedAt": now}
    _write(transaction, seen, document, now)


def read_payment(snapshot: Snapshot) -> PaymentRecord | None:
    data = document_data(snapshot)
    created_at = data.get("createdAt")
    upgrade = partial(payment_of_form_1, created_at=created_at and to_utc_datetime(created_at))
    return record_from_text(PaymentRecord, data["record"], upgrade) if data.get("record") else None


def write_payment(
    transaction: Transaction, seen: Snapshot, payment: PaymentRecord, now: datetime
) -> None:
    document: dict[str, Any] = {
        "userId": payment.user_id,
        "record": record_to_text(payment, _FORM),
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
