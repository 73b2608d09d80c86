"""What a user's own token tells of them that must be remembered, or reminds of a former self."""

from dataclasses import replace
from typing import Any

from genquota.domain.former_users import take_over
from genquota.store.former_users import known_email_hash, read_former_user
from genquota.store.transaction import Transaction
from genquota.use_cases.context import Caller
from genquota.use_cases.present import Present


def welcome(transaction: Transaction, caller: Caller | None, holder: Present) -> Present:
    """Let a user whose verified email is seen for the first time start with what is kept under it.

    That costs one read, once: from then on the user document remembers the email's hash.
    """
    shown = _hash_shown(caller, holder)
    if shown is None or known_email_hash(holder.seen) or holder.seen.is_tombstone:
        return holder
    kept = read_former_user(transaction, shown)
    return replace(holder, account=take_over(holder.account, kept, holder.now)) if kept else holder


def facts_to_remember(caller: Caller | None, holder: Present) -> dict[str, Any]:
    """Return what goes along with whatever is written of the user."""
    shown = _hash_shown(caller, holder)
    return {"quota.emailHash": shown} if shown and shown != known_email_hash(holder.seen) else {}


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
