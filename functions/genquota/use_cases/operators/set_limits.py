"""Set one user's limits, rates and overage."""

from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.overrides import (
    LimitChanges,
    change_limits,
    overridden_after,
    overridden_before,
    resolve_limit_changes,
)
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def set_limits(
    context: Context,
    operator: Caller | None,
    user_id: str,
    asked: LimitChanges,
    audit: AuditContext,
) -> ChangeResult:
    """Replace what ``asked`` names, up or down; None gives the plan's value back.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        asked: The new values. A plan is not among them.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: They name nothing or are over already, or the account has too many overrides.
        GenquotaError: See `change_user`.
    """

    def change(_transaction: Transaction, request: RequestContext) -> ChangeSet:
        now, before = request.user.now, request.user.account
        changes = resolve_limit_changes(asked, before, now)
        account = change_limits(before, changes, None, now)
        after: dict[str, Any] = dict(overridden_after(changes))
        if changes.expires_at:
            after["expiresAt"] = changes.expires_at
        was = overridden_before(before, changes, now)
        return ChangeSet(AuditAction.SET_LIMITS, account, was, after, is_noop=account == before)

    return change_user(context, operator, user_id, audit, change)
