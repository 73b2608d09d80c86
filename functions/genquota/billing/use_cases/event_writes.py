"""Write what an event has changed: subscriptions, payments, customers, and pending receipts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from genquota.billing.store.billing_documents import (
    customer_path,
    write_customer,
    write_payment,
    write_subscription_record,
)
from genquota.billing.store.receipts import Receipt, ReceiptStatus, close_receipts, receipt_name
from genquota.billing.use_cases.affected_users import AffectedUsers
from genquota.billing.use_cases.changes import PaymentChange, SubscriptionChange
from genquota.billing.use_cases.event_context import EventContext
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import user_path

DELETED = "deleted-user"
UNKNOWN_CUSTOMER = "unknown-customer"
UNKNOWN_PRODUCT = "unknown-product"
TOO_MANY_GRANTS = "too-many-grants"
"""Problems, as they stand in receipts."""


def write_subscriptions(
    transaction: Transaction, event_context: EventContext, receipt: Receipt, now: datetime
) -> None:
    update, name = event_context.event.subscription, receipt_name(event_context.event)
    for key, change in event_context.subscriptions.items():
        is_own = update is not None and update.id == key
        waits = is_own and receipt.problem == UNKNOWN_CUSTOMER
        receipts = change.after.receipts | {name} if waits else change.after.receipts - {name}
        if change.user_after:
            outcome = outcome_for(event_context, change.user_after)
            close_receipts(transaction, receipts, outcome, now)
            receipts = frozenset()
        after = replace(change, after=replace(change.after, receipts=receipts))
        if after.is_changed:
            write_subscription_record(transaction, after.seen, after.after, after.user_after, now)


def write_payments(transaction: Transaction, affected: AffectedUsers, receipt: Receipt) -> None:
    event_context, now = affected.event_context, affected.now
    event, name = event_context.event, receipt_name(event_context.event)
    for key, change in event_context.payments.items():
        payment = affected.payments[key]
        waits = event.payment_id == key and receipt.problem in (UNKNOWN_CUSTOMER, TOO_MANY_GRANTS)
        receipts = payment.receipts | {name} if waits else payment.receipts - {name}
        is_placed = affected.is_granted(key) and key not in affected.refused
        is_deleted = change.user_after is not None and change.user_after not in affected.accounts
        if change.user_after and (is_deleted or is_placed):
            outcome = outcome_for(event_context, change.user_after)
            close_receipts(transaction, receipts, outcome, now)
            receipts = frozenset()
        after = replace(payment, receipts=receipts)
        if after != change.before:
            write_payment(transaction, change.seen, after, now)


def write_customers(
    transaction: Transaction, event_context: EventContext, receipt: Receipt, now: datetime
) -> None:
    """Write who customers are, what is theirs, and which events wait for them to be known."""
    event, name = event_context.event, receipt_name(event_context.event)
    waits_for_nothing_else = event.subscription is None and event.payment_id is None
    for customer_id, customer in event_context.customers.items():
        after = replace(
            customer,
            subscriptions=customer.subscriptions
            | _had_by(event_context.subscriptions, customer_id),
            payments=customer.payments | _had_by(event_context.payments, customer_id),
        )
        is_meant = receipt.problem == UNKNOWN_CUSTOMER and customer_id == event.customer_id
        if is_meant and waits_for_nothing_else:
            after = replace(after, receipts=after.receipts | {name})
        user_id = event_context.known_user(customer_id)
        if user_id and after.receipts:
            close_receipts(
                transaction, after.receipts - {name}, outcome_for(event_context, user_id), now
            )
            after = replace(after, receipts=frozenset())
        if after != event_context.customers_before[customer_id]:
            seen = event_context.found[customer_path(event.provider, customer_id)]
            write_customer(transaction, seen, after, now)


def _had_by(
    changes: Mapping[str, SubscriptionChange] | Mapping[str, PaymentChange], customer_id: str
) -> frozenset[str]:
    return frozenset(key for key, each in changes.items() if customer_id in each.customers)


def outcome_for(event_context: EventContext, user_id: str) -> Receipt:
    """Return what becomes of an event of a known user."""
    event = event_context.event
    path = user_path(user_id)
    if path in event_context.found and event_context.user(user_id).account.is_deleted:
        return Receipt(event, ReceiptStatus.IGNORED, DELETED)
    return Receipt(event, ReceiptStatus.PROCESSED, None, user_id)
