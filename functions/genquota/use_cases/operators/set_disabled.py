"""Disable or enable a user."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user
from genquota.use_cases.operators.last_admin import require_another_admin


def set_disabled(
    context: Context,
    operator: Caller | None,
    user_id: str,
    disabled: bool,  # noqa: FBT001 - it is the value itself
    audit: AuditContext,
) -> ChangeResult:
    """Disable a user, or enable them; it holds from their next call. Open holds stay.

    Raises:
        NotAllowed: The operator is no admin, or this is the last one.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        before = request.user.account
        if disabled:
            require_another_admin(context, transaction, request)
        return ChangeSet(
            AuditAction.SET_DISABLED,
            replace(before, is_disabled=disabled),
            {"disabled": before.is_disabled},
            {"disabled": disabled},
            is_noop=before.is_disabled is disabled,
        )

    return change_user(context, operator, user_id, audit, change)
