"""Grants: add, revoke and restore extra credits."""

from dataclasses import replace
from datetime import datetime

from genquota.domain.errors import InvalidArgument
from genquota.domain.policy import MAX_GRANTS
from genquota.domain.quota.account import Account, Grant


def add_grant(account: Account, grant_id: str, grant: Grant, now: datetime) -> Account:
    """Give the account a grant. If there is no room, those that have nothing left make some.

    Args:
        account: Rolled to now.
        grant_id: Names it; a grant of that name is left as it is.
        grant: What is given.
        now: Aware, UTC.

    Raises:
        InvalidArgument: The account has as many live grants as it may.
    """
    if grant_id in account.grants:
        return account
    grants = account.grants
    if len(grants) >= MAX_GRANTS:
        grants = _worth_keeping(account, now)
    if len(grants) >= MAX_GRANTS:
        raise InvalidArgument((("", f"the user has {MAX_GRANTS} live grants, which is the most"),))
    return replace(account, grants={**grants, grant_id: grant})


def revoke_grant(account: Account, grant_id: str) -> Account:
    """Take back what is unspent. What open generations hold of it stays theirs."""
    return _mark(account, grant_id, revoked=True)


def restore_grant(account: Account, grant_id: str) -> Account:
    """Undo `revoke_grant`: what was unspent can be spent again."""
    return _mark(account, grant_id, revoked=False)


def _mark(account: Account, grant_id: str, *, revoked: bool) -> Account:
    grant = account.grants.get(grant_id)
    if grant is None or grant.revoked is revoked:
        return account
    return replace(account, grants={**account.grants, grant_id: replace(grant, revoked=revoked)})


def _worth_keeping(account: Account, now: datetime) -> dict[str, Grant]:
    """Return the grants that may still pay, revoked ones too, for a dispute may be won."""
    held = {part.grant_id for hold in account.holds.values() for part in hold.allocation.grants}
    return {
        key: grant
        for key, grant in account.grants.items()
        if key in held
        or (grant.used < grant.credits and (grant.expires_at is None or now < grant.expires_at))
    }
