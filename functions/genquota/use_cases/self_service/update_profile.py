"""Update the caller's own profile."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.quota.decision import QuotaRequest
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import HIDE, remove_from_feed_after_commit
from genquota.use_cases.core.request_context import load_request, target_user_id

PROFILE_FIELDS = ("email", "displayName", "photoURL", "timezone", "preferences")


def update_profile(
    context: Context, caller: Caller | None, user_id: str | None, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the named fields, preferences one by one, and return the profile.

    A new time zone shapes the windows that begin after those now running. Who leaves the live feed
    (`preferences.hideFromFeed`) has no entry left there when this returns.

    Args:
        context: The deployment.
        caller: Who changes it.
        user_id: Whose profile; None is the caller's.
        changes: `displayName`, `photoURL`, `timezone`, `preferences`, any of them.

    Raises:
        GenquotaError: The caller may not do this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> dict[str, Any]:
        request = load_request(context, transaction, caller, user_id)
        user = request.user
        stored = {**user.seen.data, **request.token_profile()}
        preferences = _merged(stored.get("preferences"), changes.get("preferences", {}))
        profile = {**changes, "preferences": preferences}
        hides = (changes.get("preferences") or {}).get(HIDE) is True
        feed = remove_from_feed_after_commit(context, transaction, user) if hides else {}
        request.save(
            transaction, user.account, user.decide(QuotaRequest()), profile={**profile, **feed}
        )
        return {name: {**stored, **profile}.get(name) for name in PROFILE_FIELDS}

    return run_transaction(context.db, attempt, lock_key=target_user_id(caller, user_id))


def _merged(stored: object, named: Mapping[str, Any] | None) -> dict[str, Any]:
    """Lay the named preferences over those that are there; None instead of names clears them all."""
    if named is None:
        return {}
    return {**(stored if isinstance(stored, Mapping) else {}), **named}
