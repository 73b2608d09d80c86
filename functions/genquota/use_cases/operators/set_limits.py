"""Set one user's limits, rates and overage."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.limit_changes import (
    change_limits,
    overridden_after,
    overridden_before,
    parse_limit_changes,
)
from genquota.domain.changes.plan_change import PLAN_NAME
from genquota.domain.errors import InvalidArgument
from genquota.store.transaction import Transaction
from genquota.use_cases.core.audit import AuditContext
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def set_limits(
    context: Context,
    operator: Caller | None,
    user_id: str,
    terms: Mapping[str, Any],
    audit: AuditContext,
) -> ChangeResult:
    """Replace what ``terms`` names, up or down; null gives the plan's word back.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        terms: `{limits?, limitsByType?, rates?, overage?, expiresAt?}`, as in JSON but for the time.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: The terms are not understood, or stand in too many overrides.
        GenquotaError: See `change_user`.
    """
    if PLAN_NAME in terms:
        raise InvalidArgument(((PLAN_NAME, "unknown field"),))

    def change(_transaction: Transaction, request: RequestContext) -> ChangeSet:
        now, before = request.user.now, request.user.account
        changes = parse_limit_changes(terms, before, now)
        account = change_limits(before, changes, None, now)
        after: dict[str, Any] = dict(overridden_after(changes))
        if changes.expires_at:
            after["expiresAt"] = changes.expires_at
        was = overridden_before(before, changes, now)
        return ChangeSet(AuditAction.SET_LIMITS, account, was, after, is_noop=account == before)

    return change_user(context, operator, user_id, audit, change)
