"""What a user's own token tells of them that must be remembered, or that they have had an account before."""

from dataclasses import replace
from typing import Any

from genquota.domain.quota.account import Account
from genquota.domain.users.emails import normalize_email
from genquota.domain.users.former_users import counters_to_keep, take_over
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
from genquota.use_cases.core.user_state import Present


def carry_over(
    transaction: Transaction, caller: Caller | None, holder: Present
) -> tuple[Present, EmailClaim | None]:
    """Let a user who is not known to hold the verified email they show count what others used under it.

    That costs one read, once, and one more if another account holds the email: from then on the user
    document remembers the email's hash.
    """
    shown = _hash_shown(caller, holder)
    seen, now = holder.seen, holder.now
    if shown is None or known_email_hash(seen) or seen.is_tombstone:
        return holder, None
    claim = read_claim(transaction, shown, seen.account.uid, now)
    included = carried_counters(seen)
    account = take_over(holder.account, claim.counters, now, included)
    return replace(holder, account=account), claim


def remember_email(
    transaction: Transaction,
    caller: Caller | None,
    holder: Present,
    claim: EmailClaim | None,
    account: Account,
) -> dict[str, Any]:
    """Claim the verified email that the token shows, in the commit of whatever is written of the user.

    Who showed another one before leaves that; who did so before there were claims is caught up with.

    Args:
        transaction: Gets the further documents.
        caller: Who calls.
        holder: Whom it is about, as they were read.
        claim: What was read and taken over already; None: nothing was.
        account: What is written of the user.

    Returns:
        What goes along in the user document.
    """
    shown, seen = _hash_shown(caller, holder), holder.seen
    if shown is None or holds_email(seen, shown):
        return {}
    uid, known = seen.account.uid, known_email_hash(seen)
    found = claim or read_claim(transaction, shown, uid, holder.now)
    if known and known != shown:
        kept = counters_to_keep(account, holder.now)
        release_email(transaction, known, uid, kept, holder.now)
    return write_claim(transaction, found, uid, holder.now, is_carried=claim is not None)


def profile_of_token(caller: Caller | None, holder: Present) -> dict[str, Any]:
    """Return what the user's own token changes in their document, whenever that is written.

    The email is kept current; name and picture are only where a new document starts, for users may
    change them.
    """
    seen = holder.seen
    if caller is None or caller.is_server or caller.uid != seen.account.uid:
        return {}
    told = {
        "email": caller.email and normalize_email(caller.email),
        "displayName": caller.name,
        "photoURL": caller.picture,
    }
    absent = {} if seen.is_complete else {k: v for k, v in told.items() if k not in seen.data}
    email = told["email"]
    return {**absent, "email": email} if email and email != seen.data.get("email") else absent


def must_be_remembered(caller: Caller | None, holder: Present) -> bool:
    """Tell whether services, jobs or later calls would decide otherwise unless it is written now."""
    if holder.seen.is_tombstone:
        return False
    if not holder.seen.is_complete or (
        _hash_shown(caller, holder) and not known_email_hash(holder.seen)
    ):
        return True
    is_news = holder.account.is_verified and not holder.seen.account.is_verified
    return is_news and not holder.policy.default_plan_is_for_everyone


def _hash_shown(caller: Caller | None, holder: Present) -> str | None:
    is_own = caller is not None and caller.uid == holder.account.uid
    return caller.email_hash if caller and is_own else None
