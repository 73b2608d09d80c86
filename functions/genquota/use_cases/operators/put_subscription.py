"""Create or replace a manual subscription."""

from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes import manual_subscriptions
from genquota.domain.changes.manual_subscriptions import PutSubscriptionCommand, build_subscription
from genquota.domain.enums import SubscriptionStatus
from genquota.domain.errors import InvalidArgument, NotAllowed
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.texts import is_document_name
from genquota.store.subscription_document import (
    MANUAL,
    SubscriptionDocument,
    read_subscription,
    save_subscription,
    subscription_facts,
    subscription_path,
)
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user
from genquota.use_cases.operators.set_plan import require_plan


def put_subscription(
    context: Context,
    operator: Caller | None,
    user_id: str,
    subscription_id: str,
    command: PutSubscriptionCommand,
    audit: AuditContext,
) -> ChangeResult:
    """Create or replace a manual subscription of a user.

    Raises:
        PlanNotFound: There is no such plan.
        NotAllowed: A provider sold it, or it is another user's.
        InvalidArgument: The command contradicts itself, or the user has too many subscriptions.
        GenquotaError: See `change_user`.
    """
    if not is_document_name(subscription_id):
        raise InvalidArgument((("id", "no name of a document"),))

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        now, before = request.user.now, request.user.account
        path = subscription_path(subscription_id)
        seen = read_subscription(transaction.read([path])[path])
        require_manual(seen)
        if seen.exists and seen.user_id != user_id:
            raise NotAllowed("This subscription is another user's.")
        plan = require_plan(context, transaction, command.plan_id)
        earlier = before.subscriptions.get(subscription_id)
        earlier = earlier or seen.subscription
        wished = build_subscription(subscription_id, command, earlier, plan.trial_days, now)
        account = manual_subscriptions.put_subscription(before, wished)
        facts = {**subscription_facts(wished, user_id, MANUAL), **_trial_of(wished)}
        is_same = all(seen.data.get(name) == value for name, value in facts.items())
        if not is_same:
            save_subscription(transaction, seen, {**facts, "providerUpdatedAt": now}, now)
        return ChangeSet(
            AuditAction.PUT_SUBSCRIPTION,
            account,
            summarize(seen.subscription) if seen.subscription else {},
            summarize(wished),
            is_noop=is_same and account is before,
            about=subscription_id,
        )

    return change_user(context, operator, user_id, audit, change)


def require_manual(seen: SubscriptionDocument) -> None:
    """Refuse to change what a provider sold: the provider would not know.

    Raises:
        NotAllowed
    """
    if seen.exists and seen.provider != MANUAL:
        raise NotAllowed(f"This subscription is {seen.provider}'s: change it there.")


def summarize(subscription: Subscription) -> dict[str, Any]:
    """Summarize a subscription for the audit log."""
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
