"""Revoke the unspent part of a grant."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import NotFound
from genquota.domain.quota import grants
from genquota.domain.quota.account import ReservedCredits
from genquota.domain.texts import is_document_name
from genquota.store.grant_document import grant_path, mark_grant_revoked, read_grant
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def revoke_grant(
    context: Context, operator: Caller | None, user_id: str, grant_id: str, audit: AuditContext
) -> ChangeResult:
    """Take back what is unspent of a grant, once. What open generations hold of it stays theirs.

    Raises:
        NotFound: The user has had no such grant.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        user = request.user
        held = user.account.grants.get(grant_id)
        given = None
        if is_document_name(grant_id):
            path = grant_path(user_id, grant_id)
            given = read_grant(transaction.read([path])[path])
        if held is None and given is None:
            raise NotFound
        was_revoked = given.grant.revoked if given else bool(held and held.revoked)
        unspent = 0
        if held and held.is_active(user.now):
            reserved = ReservedCredits.of(user.account, user.now).by_grant.get(grant_id, 0)
            unspent = max(0, held.credits - held.used - reserved)
        if given and not was_revoked:
            mark_grant_revoked(transaction, given, unspent, user.now)
        account = grants.revoke_grant(user.account, grant_id)
        facts = {"grantId": grant_id}
        return ChangeSet(
            AuditAction.REVOKE_GRANT,
            account,
            {**facts, "unspent": unspent},
            {**facts, "unspent": 0},
            is_noop=was_revoked and account is user.account,
            about=grant_id,
        )

    return change_user(context, operator, user_id, audit, change)
