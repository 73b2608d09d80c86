"""Give a user a subscription by hand, or change one that was given so."""

from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes import manual_subscriptions
from genquota.domain.changes.manual_subscriptions import SubscriptionWish, as_wished
from genquota.domain.errors import InvalidArgument, NotAllowed
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.words import SubscriptionStatus, is_document_name
from genquota.store.subscription_document import (
    MANUAL,
    SubscriptionDocument,
    read_subscription,
    save_subscription,
    subscription_facts,
    subscription_path,
)
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.operators.change_user import Changed, Edit, change_user
from genquota.use_cases.operators.set_plan import require_plan


def put_subscription(
    context: Context,
    operator: Caller | None,
    user_id: str,
    subscription_id: str,
    wish: SubscriptionWish,
    deed: Deed,
) -> Changed:
    """Let a user have a manual subscription, as it is wished for, from now on.

    Raises:
        PlanNotFound: There is no such plan.
        NotAllowed: A provider sold it, or it is another user's.
        InvalidArgument: The wish makes no sense, or the user has too many.
        GenquotaError: See `change_user`.
    """
    if not is_document_name(subscription_id):
        raise InvalidArgument((("id", "no name of a document"),))

    def change(transaction: Transaction, case: Case) -> Edit:
        now, before = case.holder.now, case.holder.account
        path = subscription_path(subscription_id)
        seen = read_subscription(transaction.read([path])[path])
        require_manual(seen)
        if seen.exists and seen.user_id != user_id:
            raise NotAllowed("This subscription is another user's.")
        plan = require_plan(context, transaction, wish.plan_id)
        earlier = before.subscriptions.get(subscription_id)
        earlier = earlier or seen.subscription
        wished = as_wished(subscription_id, wish, earlier, plan.trial_days, now)
        account = manual_subscriptions.put_subscription(before, wished)
        facts = {**subscription_facts(wished, user_id, MANUAL), **_trial_of(wished)}
        is_same = all(seen.data.get(name) == value for name, value in facts.items())
        if not is_same:
            save_subscription(transaction, seen, {**facts, "providerUpdatedAt": now}, now)
        return Edit(
            AuditAction.PUT_SUBSCRIPTION,
            account,
            short(seen.subscription) if seen.subscription else {},
            short(wished),
            is_done=is_same and account is before,
            about=subscription_id,
        )

    return change_user(context, operator, user_id, deed, change)


def require_manual(seen: SubscriptionDocument) -> None:
    """Refuse to change what a provider sold: the provider would not know.

    Raises:
        NotAllowed
    """
    if seen.exists and seen.provider != MANUAL:
        raise NotAllowed(f"This subscription is {seen.provider}'s: change it there.")


def short(subscription: Subscription) -> dict[str, Any]:
    """Return what the audit log is told of a subscription."""
    return {
        "subscriptionId": subscription.id,
        "planId": subscription.plan_id,
        "status": subscription.status.value,
        "currentPeriodStart": subscription.current_period_start,
        "currentPeriodEnd": subscription.current_period_end,
        "cancelAtPeriodEnd": subscription.cancel_at_period_end,
    }


def _trial_of(subscription: Subscription) -> dict[str, Any]:
    if subscription.status is not SubscriptionStatus.TRIALING:
        return {}  # when the trial was is a fact that stays
    return {
        "trialStart": subscription.current_period_start,
        "trialEnd": subscription.current_period_end,
    }
