"""Assign a plan to a user."""

from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.plan_change import SetPlanCommand, assign_plan
from genquota.domain.enums import UNLIMITED
from genquota.domain.errors import PlanNotFound
from genquota.domain.plans.plans import Plan
from genquota.domain.texts import is_document_name
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.core.user_state import UserState, find_plan
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def set_plan(
    context: Context,
    operator: Caller | None,
    user_id: str,
    command: SetPlanCommand,
    audit: AuditContext,
) -> ChangeResult:
    """Assign a plan to a user: at once, unless a better plan is paid for and the command can wait.

    Raises:
        PlanNotFound: There is no such plan.
        InvalidArgument: The command contradicts itself.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        user = request.user
        rank = UNLIMITED
        if command.plan_id is not None:
            rank = require_plan(context, transaction, command.plan_id).rank
        paid_rank = _paid_rank(context, transaction, user)
        account = assign_plan(user.account, command, rank, paid_rank, user.now)
        before: dict[str, Any] = {"planId": user.account.plan_id, "inForce": user.plan_id}
        after: dict[str, Any] = {
            "planId": account.plan_id,
            "inForce": account.plan_in_force(user.now, user.policy),
        }
        if command.expires_at:
            after["expiresAt"] = command.expires_at
        return ChangeSet(
            AuditAction.SET_PLAN, account, before, after, is_noop=account == user.account
        )

    return change_user(context, operator, user_id, audit, change)


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


def _paid_rank(context: Context, transaction: Transaction, user: UserState) -> int | None:
    """Return the rank of the plan of the subscription in force, if there is one."""
    subscription = user.account.subscription
    if subscription is None or not subscription.is_in_force(user.now, user.policy):
        return None
    plan = find_plan(context, transaction, subscription.plan_at(user.now), {})
    return plan.rank if plan else UNLIMITED
