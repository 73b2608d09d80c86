"""Keep at least one admin: a commit that removes an admin depends on another one.

See docs/decisions/0010-optimistic-guard-for-the-last-admin.md.
"""

from genquota.domain.errors import NotAllowed
from genquota.store.transaction import Transaction
from genquota.store.user.admins import assert_unchanged_on_commit, other_active_admins
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.request_context import RequestContext


def require_another_admin(
    context: Context, transaction: Transaction, request: RequestContext
) -> None:
    """Require, if the user is an admin, that another active admin exists at the commit.

    For whatever ends an admin: another role, being disabled or deleted.

    Raises:
        NotAllowed: There is no other admin.
        Unavailable: The store did not answer.
    """
    account = request.user.seen.account
    if not account.is_admin:
        return
    others = other_active_admins(context.db, account.uid)
    if not others:
        raise NotAllowed("This is the last admin. Make somebody else an admin first.")
    assert_unchanged_on_commit(transaction, others[0], request.user.now)
