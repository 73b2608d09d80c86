"""Users who return: remember the verified email of a token, and carry over what it has used before."""

from dataclasses import replace
from typing import Any

from genquota.domain.quota.account import Account
from genquota.domain.texts import normalize_email
from genquota.domain.users.former_users import restore_counters, running_counters
from genquota.store.privacy.former_users import (
    EmailClaim,
    carried_counters,
    holds_email,
    known_email_hash,
    read_claim,
    release_email,
    write_claim,
)
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.user_state import UserState


def apply_carry_over(
    transaction: Transaction, caller: Caller | None, user: UserState
) -> tuple[UserState, EmailClaim | None]:
    """Let a user who is not known to hold the verified email they show count what others used under it.

    That costs one read, once, and one more if another account holds the email: from then on the user
    document remembers the email's hash.
    """
    shown = _hash_shown(caller, user)
    seen, now = user.seen, user.now
    if shown is None or known_email_hash(seen) or seen.is_tombstone:
        return user, None
    claim = read_claim(transaction, shown, seen.account.uid, now)
    included = carried_counters(seen)
    account = restore_counters(user.account, claim.counters, now, included)
    return replace(user, account=account), claim


def claim_email(
    transaction: Transaction,
    caller: Caller | None,
    user: UserState,
    claim: EmailClaim | None,
    account: Account,
) -> dict[str, Any]:
    """Claim the verified email that the token shows, in the commit of whatever is written of the user.

    Who showed another one before leaves that; who did so before there were claims is caught up with.

    Args:
        transaction: Gets the further documents.
        caller: Who calls.
        user: Whom it is about, as they were read.
        claim: What was read and taken over already; None: nothing was.
        account: What is written of the user.

    Returns:
        What goes along in the user document.
    """
    shown, seen = _hash_shown(caller, user), user.seen
    if shown is None or holds_email(seen, shown):
        return {}
    uid, known = seen.account.uid, known_email_hash(seen)
    found = claim or read_claim(transaction, shown, uid, user.now)
    if known and known != shown:
        kept = running_counters(account, user.now)
        release_email(transaction, known, uid, kept, user.now)
    return write_claim(transaction, found, uid, user.now, is_carried=claim is not None)


def token_profile(caller: Caller | None, user: UserState) -> dict[str, Any]:
    """Return what the user's own token changes in their document, whenever that is written.

    The email is kept current; name and picture are only where a new document starts, for users may
    change them.
    """
    seen = user.seen
    if caller is None or caller.is_server or caller.uid != seen.account.uid:
        return {}
    profile = {
        "email": caller.email and normalize_email(caller.email),
        "displayName": caller.name,
        "photoURL": caller.picture,
    }
    absent = {} if seen.is_complete else {k: v for k, v in profile.items() if k not in seen.data}
    email = profile["email"]
    return {**absent, "email": email} if email and email != seen.data.get("email") else absent


def must_be_saved(caller: Caller | None, user: UserState) -> bool:
    """Return whether services, jobs or later calls would decide otherwise unless it is written now."""
    if user.seen.is_tombstone:
        return False
    if not user.seen.is_complete or (_hash_shown(caller, user) and not known_email_hash(user.seen)):
        return True
    is_news = user.account.is_verified and not user.seen.account.is_verified
    return is_news and not user.policy.default_plan_is_for_everyone


def _hash_shown(caller: Caller | None, user: UserState) -> str | None:
    is_own = caller is not None and caller.uid == user.account.uid
    return caller.email_hash if caller and is_own else None
