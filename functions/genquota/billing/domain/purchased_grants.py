"""The grants of a payment in users' accounts: given, revoked, and transferred to another user."""

from dataclasses import replace
from datetime import datetime

from genquota.billing.domain.purchases import PaymentRecord, PurchasedGrant
from genquota.domain.quota.account import Account, Grant
from genquota.domain.quota.grants import add_grant, restore_grant, revoke_grant


def reconcile_purchased_grants(
    account: Account, payment: PaymentRecord, now: datetime, *, is_granted: bool
) -> Account:
    """Reconcile a user's grants with the payment.

    Args:
        account: The user's.
        payment: What is known of it.
        now: Aware, UTC.
        is_granted: The user was given its grants before; those that are gone are spent.

    Raises:
        InvalidArgument: The user has as many live grants as they may.
    """
    for bought in payment.grants:
        if not is_granted:
            account = _with_new_grant(account, payment, bought, now)
        if payment.is_taken_back:
            account = revoke_grant(account, bought.id)
        else:
            account = restore_grant(account, bought.id)
            credits = payment.credits_for(bought, account.uid)
            account = _with_credits(account, bought.id, credits)
    return account


def remove_purchased_grants(
    account: Account, payment: PaymentRecord
) -> tuple[Account, dict[str, int]]:
    """Remove a payment's grants from a user who no longer owns them.

    What open generations hold stays theirs, and so does what was spent.

    Returns:
        The account, and by grant what it had spent or holds. A grant that is gone is spent.
    """
    spent = {}
    grants = dict(account.grants)
    for bought in payment.grants:
        grant = grants.get(bought.id)
        if grant is None:
            spent[bought.id] = bought.credits
            continue
        held = sum(
            part.credits
            for hold in account.holds.values()
            for part in hold.allocation.grants
            if part.grant_id == bought.id
        )
        spent[bought.id] = grant.used + held
        if grant.used + held:
            grants[bought.id] = replace(grant, revoked=True)
        else:
            del grants[bought.id]
    return (account if grants == account.grants else replace(account, grants=grants)), spent


def _with_new_grant(
    account: Account, payment: PaymentRecord, bought: PurchasedGrant, now: datetime
) -> Account:
    """Give a grant without what others have spent of it; who had it before has spent what they had."""
    credits = max(0, bought.credits - payment.spent_by_others(bought, account.uid))
    used = payment.spent.get(account.uid, {}).get(bought.id, 0)
    if used and used >= credits:
        return account
    grant = Grant(credits, used, bought.expires_at, purchased=True)
    return add_grant(account, bought.id, grant, now)


def _with_credits(account: Account, grant_id: str, credits: int) -> Account:
    """Bring a grant to what is left of it, never below what was spent."""
    grant = account.grants.get(grant_id)
    if grant is None:
        return account
    left = max(credits, grant.used)
    if left == grant.credits:
        return account
    return replace(account, grants={**account.grants, grant_id: replace(grant, credits=left)})
