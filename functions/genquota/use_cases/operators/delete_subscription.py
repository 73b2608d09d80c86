"""End a manual subscription."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.manual_subscriptions import remove_subscription
from genquota.domain.enums import SubscriptionStatus
from genquota.domain.errors import NotFound
from genquota.domain.texts import is_document_name
from genquota.store.subscription_document import (
    MANUAL,
    read_subscription,
    save_subscription,
    subscription_facts,
    subscription_path,
)
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user
from genquota.use_cases.operators.put_subscription import require_manual, summarize


def delete_subscription(
    context: Context,
    operator: Caller | None,
    user_id: str,
    subscription_id: str,
    audit: AuditContext,
) -> ChangeResult:
    """End a manual subscription at once. Its document stays for the history, as `expired`.

    The running period of the user goes on with what was used in it.

    Raises:
        NotFound: The user has had no such subscription.
        NotAllowed: A provider sold it.
        GenquotaError: See `change_user`.
    """
    if not is_document_name(subscription_id):
        raise NotFound

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        now, before = request.user.now, request.user.account
        path = subscription_path(subscription_id)
        seen = read_subscription(transaction.read([path])[path])
        if not seen.exists or seen.user_id != user_id:
            raise NotFound
        require_manual(seen)
        subscription = seen.subscription
        if subscription is None:  # what somebody wrote by hand is none
            raise NotFound
        is_over = subscription.status is SubscriptionStatus.EXPIRED
        end = subscription.current_period_end
        whole = now.replace(microsecond=0)
        ended = replace(
            subscription,
            status=SubscriptionStatus.EXPIRED,
            current_period_end=min(end, whole) if end else whole,
            cancel_at_period_end=True,
        )
        if not is_over:
            facts = subscription_facts(ended, user_id, MANUAL)
            save_subscription(transaction, seen, {**facts, "providerUpdatedAt": now}, now)
        account = remove_subscription(before, subscription_id)
        return ChangeSet(
            AuditAction.DELETE_SUBSCRIPTION,
            account,
            summarize(subscription),
            summarize(subscription if is_over else ended),
            is_noop=is_over and account is before,
            about=subscription_id,
        )

    return change_user(context, operator, user_id, audit, change)
