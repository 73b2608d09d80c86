"""Change one user's limits, rates and overage, whatever their plan says."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.limit_changes import (
    change_limits,
    read_limit_changes,
    said_before,
    said_now,
)
from genquota.domain.changes.plan_change import PLAN_NAME
from genquota.domain.errors import InvalidArgument
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.operators.change_user import Changed, Edit, change_user


def set_limits(
    context: Context,
    operator: Caller | None,
    user_id: str,
    terms: Mapping[str, Any],
    deed: Deed,
) -> Changed:
    """Replace what ``terms`` names, up or down; null gives the plan's word back.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        terms: `{limits?, limitsByType?, rates?, overage?, expiresAt?}`, as in JSON but for the time.
        deed: What the audit log is told.

    Raises:
        InvalidArgument: The terms are not understood, or stand in too many overrides.
        GenquotaError: See `change_user`.
    """
    if PLAN_NAME in terms:
        raise InvalidArgument(((PLAN_NAME, "unknown field"),))

    def change(_transaction: Transaction, case: Case) -> Edit:
        now, before = case.holder.now, case.holder.account
        changes = read_limit_changes(terms, before, now)
        account = change_limits(before, changes, None, now)
        after: dict[str, Any] = dict(said_now(changes))
        if changes.expires_at:
            after["expiresAt"] = changes.expires_at
        was = said_before(before, changes, now)
        return Edit(AuditAction.SET_LIMITS, account, was, after, is_done=account == before)

    return change_user(context, operator, user_id, deed, change)
