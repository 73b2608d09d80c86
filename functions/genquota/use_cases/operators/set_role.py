"""Set a user's role."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.enums import Role
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user
from genquota.use_cases.operators.last_admin import require_another_admin


def set_role(
    context: Context, operator: Caller | None, user_id: str, role: Role, audit: AuditContext
) -> ChangeResult:
    """Set a user's role; it holds from their next call.

    Raises:
        NotAllowed: The operator is no admin, or this is the last one.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        before = request.user.account
        if role is not Role.ADMIN:
            require_another_admin(context, transaction, request)
        return ChangeSet(
            AuditAction.SET_ROLE,
            replace(before, role=role),
            {"role": before.role.value},
            {"role": role.value},
            is_noop=before.role is role,
        )

    return change_user(context, operator, user_id, audit, change)
