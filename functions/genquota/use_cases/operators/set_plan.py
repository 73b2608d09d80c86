"""Put a user on a plan."""

from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.plan_change import PlanWish, put_on_plan
from genquota.domain.errors import PlanNotFound
from genquota.domain.plans.plans import Plan
from genquota.domain.words import UNLIMITED, is_document_name
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present, find_plan
from genquota.use_cases.operators.change_user import Changed, Edit, change_user


def set_plan(
    context: Context, operator: Caller | None, user_id: str, wish: PlanWish, deed: Deed
) -> Changed:
    """Put a user on a plan: at once, unless a better one is paid for and the wish can wait.

    Raises:
        PlanNotFound: There is no such plan.
        InvalidArgument: The wish contradicts itself.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, case: Case) -> Edit:
        holder = case.holder
        rank = UNLIMITED
        if wish.plan_id is not None:
            rank = require_plan(context, transaction, wish.plan_id).rank
        paid_rank = _paid_rank(context, transaction, holder)
        account = put_on_plan(holder.account, wish, rank, paid_rank, holder.now)
        before: dict[str, Any] = {"planId": holder.account.plan_id, "inForce": holder.plan_id}
        after: dict[str, Any] = {
            "planId": account.plan_id,
            "inForce": account.plan_in_force(holder.now, holder.policy),
        }
        if wish.expires_at:
            after["expiresAt"] = wish.expires_at
        return Edit(AuditAction.SET_PLAN, account, before, after, is_done=account == holder.account)

    return change_user(context, operator, user_id, deed, change)


def require_plan(context: Context, transaction: Transaction, plan_id: str) -> Plan:
    """Return a plan as it is now, whatever is remembered of it.

    Raises:
        PlanNotFound: There is none, or one that cannot be understood.
    """
    found = transaction.read([plan_path(plan_id)]) if is_document_name(plan_id) else {}
    plan = plan_cache(context.db).remember(found[plan_path(plan_id)]) if found else None
    if plan is None:
        raise PlanNotFound
    return plan


def _paid_rank(context: Context, transaction: Transaction, holder: Present) -> int | None:
    """Return the rank of the plan of the subscription in force, if there is one."""
    subscription = holder.account.subscription
    if subscription is None or not subscription.is_in_force(holder.now, holder.policy):
        return None
    plan = find_plan(context, transaction, subscription.plan_at(holder.now), {})
    return plan.rank if plan else UNLIMITED
