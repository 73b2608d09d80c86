"""Apply an event to users: their subscriptions and their purchased grants.

A user who has no document yet, or one that only the app has made, gets what they hold and nothing else:
their first call makes the rest. A deleted user gets nothing and is not brought back.
"""

from dataclasses import field, replace
from datetime import datetime

from genquota.billing.domain.entitlements import entitlement
from genquota.billing.domain.purchased_grants import (
    reconcile_purchased_grants,
    remove_purchased_grants,
)
from genquota.billing.domain.purchases import PaymentRecord, PurchasedGrant
from genquota.billing.domain.subscription_reducer import SubscriptionRecord
from genquota.billing.store.purchased_grant_documents import (
    revoke_purchased_grants,
    write_purchased_grants,
)
from genquota.billing.use_cases.changes import PaymentChange, SubscriptionChange
from genquota.billing.use_cases.event_context import EventContext
from genquota.domain.enums import SubscriptionStatus, Window
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account, Counter
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.records import dataclass
from genquota.domain.users.former_users import restore_counters, running_counters
from genquota.store.privacy.former_users import counters_of_user
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument, save_quota_state
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.user_state import evaluate_user


@dataclass(slots=True)
class AffectedUsers:
    """The users whom an event affects, and their accounts while it is applied."""

    event_context: EventContext
    now: datetime
    users: dict[str, UserDocument]
    """As they were read, by uid."""
    accounts: dict[str, Account]
    """Of those who are not deleted, by uid."""
    payments: dict[str, PaymentRecord]
    """As they come to be, by id."""
    used_before: dict[str, dict[Window, Counter]] = field(default_factory=dict)
    """By uid, what others have used of a subscription that is now theirs."""
    refused: set[str] = field(default_factory=set)
    """Ids of payments whose grants their user has no room for: whoever had them keeps them."""

    def is_granted(self, payment_id: str) -> bool:
        """Return whether somebody has the grants of a payment now."""
        return self.payments[payment_id].user_id is not None


def apply_to_users(
    context: Context, transaction: Transaction, event_context: EventContext, now: datetime
) -> AffectedUsers:
    """Compute the users' new subscriptions and grants, and write the history of their grants."""
    users = {uid: event_context.user(uid) for uid in event_context.user_ids}
    accounts = {
        uid: _with_subscriptions(seen.account, event_context, now, context.policy)
        for uid, seen in users.items()
        if not seen.account.is_deleted
    }
    affected = AffectedUsers(event_context, now, users, accounts, {})
    for subscription in event_context.subscriptions.values():
        _carry_usage(affected, subscription)
    for key, change in event_context.payments.items():
        affected.payments[key] = _apply_payment(transaction, affected, change)
    return affected


def save_affected_users(
    context: Context, transaction: Transaction, affected: AffectedUsers
) -> None:
    """Write the users whose subscriptions or grants have changed."""
    for uid, account in sorted(affected.accounts.items()):
        seen = affected.users[uid]
        if account is not seen.account:
            _save_affected_user(context, transaction, affected, seen, account)


def _save_affected_user(
    context: Context,
    transaction: Transaction,
    affected: AffectedUsers,
    seen: UserDocument,
    account: Account,
) -> None:
    changed, now = replace(seen, account=account), affected.now
    # Windows that have ended since the user's last call are rolled under what is known now: a renewal that
    # is reported late must find its period, not one that began without it.
    found = affected.event_context.found
    state = evaluate_user(context, transaction, changed, now, found)
    used_before = affected.used_before.get(account.uid, {})
    if not seen.is_complete:
        save_quota_state(transaction, seen, state.account, now, used_before)
        return
    after = replace(state, seen=seen)
    if used_before:
        own = running_counters(after.account, now)
        after = replace(after, account=restore_counters(after.account, used_before, now, own))
    after.save(transaction, after.account, after.decide(QuotaRequest()))


def _carry_usage(affected: AffectedUsers, change: SubscriptionChange) -> None:
    """Record what a subscription's former user has used of the `period` that continues for the next one.

    Who has another subscription already begins no `period` by this one, and so needs no note.
    """
    giver, taker = change.user_before, change.user_after
    account = affected.accounts.get(taker) if taker else None
    if giver is None or taker is None or account is None or giver == taker:
        return
    if account.subscriptions.keys() != {change.after.id}:
        return
    seen, comes = affected.users[giver], account.subscriptions[change.after.id]
    counter = counters_of_user(seen, affected.now).get(Window.PERIOD)
    paid_from = (None, seen.account.paid_from)
    is_of_another = seen.is_complete and comes.paid_period_start not in paid_from
    if counter and not is_of_another:
        affected.used_before[taker] = {Window.PERIOD: counter}


def _apply_payment(
    transaction: Transaction, affected: AffectedUsers, change: PaymentChange
) -> PaymentRecord:
    """Give, revoke or transfer the grants of a payment. Return the payment with the user who has them."""
    payment, accounts, now = change.after, affected.accounts, affected.now
    user_before, user_after = change.user_before, change.user_after
    if payment == change.before and user_before == user_after:
        return payment
    taken_back = affected.event_context.taken_back(change)
    from_user, is_moved = None, user_before is not None and user_before != user_after
    if is_moved:
        payment, from_user = _take_from_previous_user(
            affected, replace(payment, taken_back=taken_back)
        )
    account = accounts.get(user_after) if user_after else None
    if user_after and account and payment.grants:
        is_granted = payment.user_id == user_after
        left = replace(payment, grants=_without(payment, taken_back))
        try:
            account = reconcile_purchased_grants(account, left, now, is_granted=is_granted)
        except InvalidArgument:  # no room: nothing is given or taken, and the event waits
            affected.refused.add(payment.id)
            return change.after
        accounts[user_after] = account
        write_purchased_grants(transaction, user_after, left, now, is_granted=is_granted)
        payment = replace(payment, user_id=user_after)
    if from_user:
        accounts[from_user.uid] = from_user
        revoke_purchased_grants(transaction, from_user.uid, change.after, now)
    return payment


def _take_from_previous_user(
    affected: AffectedUsers, payment: PaymentRecord
) -> tuple[PaymentRecord, Account | None]:
    """Remove a payment's grants from the user who had them. Return the payment without that user.

    Of a user who is deleted all were spent.
    """
    uid = payment.user_id
    if uid is None:
        return payment, None
    spent, account = {each.id: each.credits for each in payment.grants}, affected.accounts.get(uid)
    if account:
        account, spent = remove_purchased_grants(account, payment)
    return replace(payment, user_id=None, spent={**payment.spent, uid: spent}), account


def _without(payment: PaymentRecord, taken_back: frozenset[str]) -> tuple[PurchasedGrant, ...]:
    return tuple(each for each in payment.grants if each.id not in taken_back)


def _with_subscriptions(
    account: Account, event_context: EventContext, now: datetime, policy: Policy
) -> Account:
    """Return the account with what the event's subscriptions come to; what is over leaves it."""
    held = dict(account.subscriptions)
    for key, change in event_context.subscriptions.items():
        subscription = None
        if change.user_after == account.uid:
            subscription = _subscription(change.after, now, policy)
        by_hand = account.subscription  # none of ours was known until now
        if subscription is None and by_hand and by_hand.id == key:
            held[key] = replace(by_hand, status=SubscriptionStatus.EXPIRED)
        elif subscription is None:
            held.pop(key, None)
        elif subscription != held.get(key):  # what has not changed stays the very same
            held[key] = subscription
    if held == account.subscriptions:
        return account
    return replace(account, subscriptions=held)


def _subscription(record: SubscriptionRecord, now: datetime, policy: Policy) -> Subscription | None:
    """Return a subscription as decisions need it; None if it gives nothing."""
    comes_to = entitlement(record)
    if comes_to is None or comes_to.plan_id is None:
        return None
    access_end, period_end = comes_to.period_end, comes_to.provider_period_end
    subscription = Subscription(
        id=record.id,
        plan_id=comes_to.plan_id,
        status=comes_to.status,
        anchor=_whole(comes_to.anchor),
        current_period_start=_whole(comes_to.period_start),
        current_period_end=_whole(access_end),
        cancel_at_period_end=comes_to.cancel_at_period_end,
        next_plan_id=comes_to.next_plan_id,
        unpaid_since=_whole(comes_to.unpaid_since),
        provider_period_end=_whole(period_end) if period_end != access_end else None,
    )
    return subscription if subscription.is_in_force(now, policy) else None


def _whole(at: datetime | None) -> datetime | None:
    """The user document knows whole seconds."""
    return at and at.replace(microsecond=0)
