"""Take back what is unspent of a grant."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import NotFound
from genquota.domain.quota import grants
from genquota.domain.quota.account import Reserved
from genquota.domain.words import is_document_name
from genquota.store.grant_document import grant_path, mark_grant_revoked, read_grant
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.operators.change_user import Changed, Edit, change_user


def revoke_grant(
    context: Context, operator: Caller | None, user_id: str, grant_id: str, deed: Deed
) -> Changed:
    """Take back what is unspent of a grant, once. What open generations hold of it stays theirs.

    Raises:
        NotFound: The user has had no such grant.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, case: Case) -> Edit:
        holder = case.holder
        held = holder.account.grants.get(grant_id)
        given = None
        if is_document_name(grant_id):
            path = grant_path(user_id, grant_id)
            given = read_grant(transaction.read([path])[path])
        if held is None and given is None:
            raise NotFound
        was_revoked = given.grant.revoked if given else bool(held and held.revoked)
        unspent = 0
        if held and held.is_live(holder.now):
            reserved = Reserved.of(holder.account, holder.now).by_grant.get(grant_id, 0)
            unspent = max(0, held.credits - held.used - reserved)
        if given and not was_revoked:
            mark_grant_revoked(transaction, given, unspent, holder.now)
        account = grants.revoke_grant(holder.account, grant_id)
        facts = {"grantId": grant_id}
        return Edit(
            AuditAction.REVOKE_GRANT,
            account,
            {**facts, "unspent": unspent},
            {**facts, "unspent": 0},
            is_done=was_revoked and account is holder.account,
            about=grant_id,
        )

    return change_user(context, operator, user_id, deed, change)
