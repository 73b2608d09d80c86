"""What an event comes to for users: their subscriptions and their bought grants.

A user who has no document yet, or one that only the app has made, gets what they hold and nothing else:
their first call makes the rest. A deleted user gets nothing and is not brought back.
"""

from dataclasses import replace
from datetime import datetime

from genquota.domain.account import Account
from genquota.domain.billing import SubscriptionRecord, entitlement
from genquota.domain.decision import Ask
from genquota.domain.errors import InvalidArgument
from genquota.domain.policy import Policy
from genquota.domain.purchases import PaymentRecord, give_and_take
from genquota.domain.subscriptions import Subscription
from genquota.domain.words import SubscriptionStatus
from genquota.store.bought_grants import keep_bought_grants
from genquota.store.transaction import Transaction
from genquota.store.user_document import save_holdings
from genquota.use_cases.billing.dossier import Dossier
from genquota.use_cases.context import Context
from genquota.use_cases.present import bring_to_present


class TooManyGrants(Exception):
    """The user has as many live grants as they may; nothing was written."""


def save_holders(
    context: Context, transaction: Transaction, dossier: Dossier, now: datetime
) -> None:
    """Write the users whose holdings the event changes.

    Raises:
        TooManyGrants
    """
    uids = {
        uid
        for case in dossier.subscriptions.values()
        for uid in (case.user_before, case.user_after)
        if uid
    }
    uids |= {case.after.user_id for case in dossier.payments.values() if case.after.user_id}
    for uid in sorted(uids):
        _save_holder(context, transaction, dossier, uid, now)


def _save_holder(
    context: Context, transaction: Transaction, dossier: Dossier, uid: str, now: datetime
) -> None:
    seen = dossier.user(uid)
    if seen.account.is_deleted:
        return
    account = _with_subscriptions(seen.account, dossier, now, context.policy)
    for case in dossier.payments.values():
        if case.after.user_id == uid and case.after != case.before:
            payment = dossier.payment_left(case)
            account = _with_grants(account, payment, now, is_given=case.is_given)
            keep_bought_grants(transaction, uid, payment, now, is_given=case.is_given)
    if account is seen.account:
        return
    # Windows that have ended since the user's last call are rolled under what is known now: news of a
    # renewal that come late must find its period, not one that began without it.
    changed = replace(seen, account=account)
    present = bring_to_present(context, transaction, changed, now, dossier.found)
    if seen.is_complete:
        after = replace(present, seen=seen)
        after.save(transaction, after.account, after.decide(Ask()))
    else:
        save_holdings(transaction, seen, present.account, now)


def _with_subscriptions(
    account: Account, dossier: Dossier, now: datetime, policy: Policy
) -> Account:
    """Return the account with what the event's subscriptions come to; what is over leaves it."""
    held = dict(account.subscriptions)
    for key, case in dossier.subscriptions.items():
        subscription = None
        if case.user_after == account.uid:
            subscription = _subscription(case.after, now, policy)
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
    stands = entitlement(record)
    if stands is None or stands.plan_id is None:
        return None
    subscription = Subscription(
        id=record.id,
        plan_id=stands.plan_id,
        status=stands.status,
        anchor=_whole(stands.anchor),
        current_period_start=_whole(stands.period_start),
        current_period_end=_whole(stands.period_end),
        cancel_at_period_end=stands.cancel_at_period_end,
        next_plan_id=stands.next_plan_id,
        unpaid_since=_whole(stands.unpaid_since),
    )
    return subscription if subscription.is_in_force(now, policy) else None


def _with_grants(
    account: Account, payment: PaymentRecord, now: datetime, *, is_given: bool
) -> Account:
    try:
        return give_and_take(account, payment, now, is_given=is_given)
    except InvalidArgument as too_many:
        raise TooManyGrants from too_many


def _whole(at: datetime | None) -> datetime | None:
    """The user document knows whole seconds."""
    return at and at.replace(microsecond=0)
