"""Take in one event of a payment provider: once, whole, and whatever came before it.

Receipt, subscription, customer, payment and users are written in one commit whose preconditions are all
that was read. So an event that comes twice finds its receipt, two that come together find each other,
and a process that is killed has done all or nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from genquota.domain.billing import is_tied
from genquota.domain.errors import InvalidArgument
from genquota.domain.provider_news import ProviderEvent
from genquota.domain.words import SubscriptionStatus, is_document_name
from genquota.store.billing_documents import (
    customer_path,
    write_customer,
    write_payment,
    write_subscription_record,
)
from genquota.store.catalogue import packs_sold_as, plans_sold_as
from genquota.store.receipts import (
    Receipt,
    ReceiptStatus,
    close_receipts,
    is_final,
    receipt_name,
    write_receipt,
)
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.billing.dossier import Dossier, open_dossier
from genquota.use_cases.billing.holders import TooManyGrants, save_holders
from genquota.use_cases.context import Context

Current = Callable[[ProviderEvent], ProviderEvent]
"""Asks the provider how the subscription of an event stands now."""

_DELETED = "deleted-user"
_UNKNOWN_CUSTOMER = "unknown-customer"
_UNKNOWN_PRODUCT = "unknown-product"
_TOO_MANY_GRANTS = "too-many-grants"
"""Problems, as they stand in receipts."""

_LONGEST_UID = 128
_OVER = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.EXPIRED})


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an event."""

    status: ReceiptStatus | None
    """None: nothing, for it was dealt with before."""
    problem: str | None = None


def apply_event(context: Context, event: ProviderEvent, current: Current | None = None) -> Applied:
    """Take in an event.

    Args:
        context: The deployment.
        event: What a provider says.
        current: Is asked when another event of the same instant has said something else, for then
            their order says nothing. None: the event's id decides.

    Raises:
        InvalidArgument: It names something that cannot be a document's name.
        GenquotaError: The store did not answer; the event must be sent again.
    """
    event = _checked(event)
    applied = _apply(context, event, break_ties=current is None)
    if applied is None and current is not None:
        applied = _apply(context, _checked(current(event)), break_ties=True)
    return applied or Applied(None)


def _apply(context: Context, event: ProviderEvent, *, break_ties: bool) -> Applied | None:
    """Take it in; None: nothing was done, for it is tied with another one."""
    provider = event.provider
    plans = plans_sold_as(context.db, provider, event.products, context.policy.plan_cache)
    priced = event.priced(plans)
    items = event.purchase.items if event.purchase else ()
    sold = packs_sold_as(context.db, provider, [name for item in items for name in item.names])

    def attempt(transaction: Transaction) -> Applied | None:
        dossier = open_dossier(context, transaction, priced, sold)
        if is_final(dossier.receipt):
            return Applied(None)
        if not break_ties and _is_tied(dossier):
            return None
        transaction.lane = dossier.owner
        now = context.clock.at(dossier.found)
        receipt = _receipt(dossier)
        write_receipt(transaction, dossier.receipt, receipt, now)
        if receipt.problem != _DELETED:
            _write(context, transaction, dossier, receipt, now)
        return Applied(receipt.status, receipt.problem)

    try:
        return run_transaction(context.db, attempt, lane=event.user_id)
    except TooManyGrants:
        return _set_aside(context, priced, _TOO_MANY_GRANTS)


def _write(
    context: Context, transaction: Transaction, dossier: Dossier, receipt: Receipt, now: datetime
) -> None:
    """Write all that has changed, the users last: they are what the rest comes to."""
    for case in dossier.subscriptions.values():
        if case.is_changed:
            write_subscription_record(transaction, case.seen, case.after, case.user_after, now)
    for payment in dossier.payments.values():
        if payment.after != payment.before:
            write_payment(transaction, payment.seen, payment.after, now)
    _write_customers(transaction, dossier, receipt, now)
    save_holders(context, transaction, dossier, now)


def _write_customers(
    transaction: Transaction, dossier: Dossier, receipt: Receipt, now: datetime
) -> None:
    """Write who customers are, what is theirs, and which events wait for them to be known."""
    event = dossier.event
    for customer_id, customer in dossier.customers.items():
        holds = {key for key, case in dossier.subscriptions.items() if customer_id in case.line}
        waits = {
            key
            for key, payment in dossier.payments.items()
            if payment.after.customer_id == customer_id and payment.after.user_id is None
        }
        after = replace(
            customer,
            subscriptions=customer.subscriptions | holds,
            payments=customer.payments.difference(dossier.payments) | waits,
        )
        if receipt.problem == _UNKNOWN_CUSTOMER and customer_id == event.customer_id:
            after = replace(after, receipts=after.receipts | {receipt_name(event)})
        user_id = dossier.known_user(customer_id)
        if user_id and after.receipts:
            close_receipts(transaction, after.receipts - {receipt_name(event)}, user_id, now)
            after = replace(after, receipts=frozenset())
        if after != dossier.customers_before[customer_id]:
            seen = dossier.found[customer_path(event.provider, customer_id)]
            write_customer(transaction, seen, after, now)


def _receipt(dossier: Dossier) -> Receipt:
    """Say what became of the event, and what is missing."""
    event, owner = dossier.event, dossier.owner
    # A transfer to them still takes from whom it came.
    if owner and not event.transfer and dossier.user(owner).account.is_deleted:
        return Receipt(event, ReceiptStatus.IGNORED, _DELETED)
    if not event.says_something:
        return Receipt(event, ReceiptStatus.IGNORED)
    problem = _problem(dossier)
    status = ReceiptStatus.UNMATCHED if problem else ReceiptStatus.PROCESSED
    return Receipt(event, status, problem, owner)


def _problem(dossier: Dossier) -> str | None:
    event = dossier.event
    standing = event.subscription.standing if event.subscription else None
    if standing and standing.plan is None and standing.status not in _OVER:
        return _UNKNOWN_PRODUCT
    if event.purchase and not dossier.packs:
        return _UNKNOWN_PRODUCT
    # What was taken back may be of a payment that was none for credits.
    is_nobodys_business = event.refund or event.dispute or event.transfer
    return None if dossier.owner or is_nobodys_business else _UNKNOWN_CUSTOMER


def _is_tied(dossier: Dossier) -> bool:
    news = dossier.event.subscription
    case = dossier.subscriptions.get(news.id) if news else None
    return case is not None and is_tied(case.before, dossier.event)


def _set_aside(context: Context, event: ProviderEvent, problem: str) -> Applied:
    """Keep an event for an operator without doing anything."""

    def attempt(transaction: Transaction) -> None:
        dossier = open_dossier(context, transaction, event, {})
        if not is_final(dossier.receipt):
            receipt = Receipt(event, ReceiptStatus.UNMATCHED, problem, dossier.owner)
            write_receipt(transaction, dossier.receipt, receipt, context.clock.at(dossier.found))

    run_transaction(context.db, attempt)
    return Applied(ReceiptStatus.UNMATCHED, problem)


def _checked(event: ProviderEvent) -> ProviderEvent:
    """Return the event if all that it names can be a document's name; a user who cannot is unknown.

    Raises:
        InvalidArgument: It is not so.
    """
    names = [event.id, event.customer_id, event.payment_id]
    names += [event.subscription.id] if event.subscription else []
    names += [*event.transfer.from_ids, event.transfer.to_id] if event.transfer else []
    if not all(is_document_name(name) for name in names if name is not None):
        raise InvalidArgument((("id", "not a name"),))
    if event.user_id is not None and not _is_uid(event.user_id):
        event = replace(event, user_id=None)
    purchase = event.purchase
    if purchase and purchase.pack_id is not None and not is_document_name(purchase.pack_id):
        event = replace(event, purchase=replace(purchase, pack_id=None))
    return event


def _is_uid(text: str) -> bool:
    """Tell whether it can be a uid; what came with a link to a checkout may be anything."""
    return len(text) <= _LONGEST_UID and text.isprintable() and is_document_name(text)
