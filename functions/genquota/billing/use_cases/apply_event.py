"""Apply one event of a payment provider: exactly once, atomically, in any order of delivery.

Receipt, subscription, customer, payment and users are written in one commit whose preconditions are all
that was read. So an event that comes twice finds its receipt, two that come together find each other,
and a process that is killed has done all or nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.domain.provider_traits import TRAITS
from genquota.billing.domain.purchases import Pack
from genquota.billing.domain.subscription_facts import SoldPlan
from genquota.billing.domain.subscription_reducer import has_timestamp_conflict
from genquota.billing.store.products import packs_for_products, plans_for_products
from genquota.billing.store.receipts import (
    Receipt,
    ReceiptStatus,
    is_final,
    write_receipt,
)
from genquota.billing.use_cases.affected_users import (
    AffectedUsers,
    apply_to_users,
    save_affected_users,
)
from genquota.billing.use_cases.event_context import EventContext, read_event_context
from genquota.billing.use_cases.event_validation import validate_event
from genquota.billing.use_cases.event_writes import (
    TOO_MANY_GRANTS,
    UNKNOWN_CUSTOMER,
    UNKNOWN_PRODUCT,
    outcome_for,
    write_customers,
    write_payments,
    write_subscriptions,
)
from genquota.domain.enums import SubscriptionStatus
from genquota.domain.records import dataclass
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Context

Refresh = Callable[[ProviderEvent], ProviderEvent]
"""Asks the provider how the subscription of an event stands now."""

_OVER = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.EXPIRED})


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an operator says of an event that could not be placed."""

    plan: SoldPlan | None
    """What its products are, this once."""
    finish: Callable[[Transaction, EventContext, Receipt], None]
    """Is called with what came of it, before the commit; may refuse it, or add its own writes."""


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What became of an event."""

    status: ReceiptStatus | None
    """None: nothing, for it was dealt with before."""
    problem: str | None = None


def apply_event(
    context: Context,
    event: ProviderEvent,
    current: Refresh | None = None,
    resolution: Resolution | None = None,
) -> ApplyResult:
    """Apply an event.

    Args:
        context: The deployment.
        event: What a provider says.
        current: Is asked when another event of the same instant has said something else, for then
            their order says nothing. None: the event's id decides.
        resolution: An operator's, of an event that was received before.

    Raises:
        InvalidArgument: It names something that cannot be a document's name.
        GenquotaError: The store did not answer; the event must be sent again.
    """
    event = validate_event(event)
    applied = _apply(context, event, resolution, break_ties=current is None)
    if applied is None and current is not None:
        applied = _apply(context, validate_event(current(event)), resolution, break_ties=True)
    return applied or ApplyResult(None)


def _apply(
    context: Context, event: ProviderEvent, resolution: Resolution | None, *, break_ties: bool
) -> ApplyResult | None:
    """Take it in; None: nothing was done, for it is tied with another one."""
    resolved, sold = _look_up(context, event, resolution.plan if resolution else None)

    def attempt(transaction: Transaction) -> ApplyResult | None:
        event_context = read_event_context(context, transaction, resolved, sold)
        if is_final(event_context.receipt):
            return ApplyResult(None)
        if not break_ties and _has_conflict(event_context):
            return None
        transaction.lock_key = event_context.owner
        now = context.clock.at(event_context.found)
        affected = apply_to_users(context, transaction, event_context, now)
        receipt = replace(_receipt(event_context, affected), received=event)
        write_receipt(transaction, event_context.receipt, receipt, now)
        write_subscriptions(transaction, event_context, receipt, now)
        write_payments(transaction, affected, receipt)
        write_customers(transaction, event_context, receipt, now)
        save_affected_users(context, transaction, affected)
        if resolution:
            resolution.finish(transaction, event_context, receipt)
        return ApplyResult(receipt.status, receipt.problem)

    return run_transaction(context.db, attempt, lock_key=event.user_id)


def _look_up(
    context: Context, event: ProviderEvent, resolved: SoldPlan | None
) -> tuple[ProviderEvent, Mapping[str, Pack]]:
    """Return the event with the plans that its products are, and the packs that they are.

    What was sold once may be a plan, too: a lifetime, or what support gave. Where an event may be about
    either, it is about the pack if one names the product.
    """
    provider, purchase, update = event.provider, event.purchase, event.subscription
    may_be_pack = update is not None and (purchase or event.charge)
    sells_alike = TRAITS[provider].sells_plans_like_packs
    named = [name for item in purchase.items for name in item.names] if purchase else []
    named += event.products if may_be_pack else []
    sold = packs_for_products(context.db, provider, named)
    is_sold_once = update is not None and update.is_single_purchase
    if may_be_pack and sells_alike and sold:
        event = replace(event, subscription=None)
    plans = plans_for_products(context.db, provider, event.products, context.policy.plan_cache)
    if resolved:
        extras = event.subscription.extra_names if event.subscription else frozenset()
        plans = {name: resolved for name in event.products if name not in extras}
    if event.subscription and is_sold_once and purchase and not plans:
        event = replace(event, subscription=None)
    elif event.subscription and (plans or not is_sold_once) and sells_alike:
        event = replace(event, purchase=None, charge=None)
    return event.with_sold_plans(plans), sold


def _receipt(event_context: EventContext, affected: AffectedUsers) -> Receipt:
    """Return what became of the event, and what is missing."""
    event, owner = event_context.event, event_context.owner
    # A transfer to them still takes from whom it came.
    if owner and not event.transfer and event_context.user(owner).account.is_deleted:
        return outcome_for(event_context, owner)
    if not event.is_meaningful:
        return Receipt(event, ReceiptStatus.IGNORED)
    problem = _problem(event_context, affected)
    status = ReceiptStatus.UNMATCHED if problem else ReceiptStatus.PROCESSED
    return Receipt(event, status, problem, owner)


def _problem(event_context: EventContext, affected: AffectedUsers) -> str | None:
    event = event_context.event
    update = event.subscription
    is_over = update is not None and update.status is not None and update.status.status in _OVER
    payment = affected.payments.get(event.payment_id) if event.payment_id else None
    is_pack = update is not None and update.is_single_purchase and payment and payment.grants
    if update and update.bought and update.bought.plan is None and not is_over and not is_pack:
        return UNKNOWN_PRODUCT
    if event.purchase and not event_context.packs:
        return UNKNOWN_PRODUCT
    # What was taken back may be of a payment that was none for credits.
    may_be_nobodys = event.charge or event.refund or event.dispute or event.transfer
    if event_context.owner is None:
        return None if may_be_nobodys else UNKNOWN_CUSTOMER
    if event.purchase and not affected.is_granted(event.purchase.payment_id):
        return TOO_MANY_GRANTS
    return TOO_MANY_GRANTS if event.transfer and affected.refused else None


def _has_conflict(event_context: EventContext) -> bool:
    update = event_context.event.subscription
    change = event_context.subscriptions.get(update.id) if update else None
    return change is not None and has_timestamp_conflict(change.before, event_context.event)
