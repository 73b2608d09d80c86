"""The grants that a user was ever given, and what is left of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genquota.domain.errors import UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Reserved
from genquota.store.documents import contents
from genquota.store.listing import Listing, Position
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present
from genquota.use_cases.reading.lists import Slice
from genquota.use_cases.reading.pages import part_of


@dataclass(frozen=True, slots=True)
class GrantSeen:
    """A grant's document, and how it stands."""

    id: str
    data: Mapping[str, Any]
    used: int | None
    """None: the user document no longer has it."""
    remaining: int


def list_grants(
    context: Context, caller: Caller | None, user_id: str, part: Slice
) -> tuple[tuple[GrantSeen, ...], Position | None]:
    """Return a user's grants to an admin, newest first, and where to go on.

    Raises:
        UserNotFound: There is no such user.
        GenquotaError: The caller is no admin, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> Present:
        case = open_case(context, transaction, caller, user_id)
        case.authorize(Permission.VIEW_USERS)
        if not case.holder.seen.exists:
            raise UserNotFound
        return case.holder

    holder = run_transaction(context.db, attempt)
    listing = Listing(f"users/{user_id}/grants", by="createdAt", is_descending=True)
    found = part_of(context, listing, part.limit, part.after)
    reserved = Reserved.of(holder.account, holder.now).by_grant
    return tuple(_seen(each.id, contents(each), holder, reserved) for each in found.snapshots), (
        found.next
    )


def _seen(
    grant_id: str, data: Mapping[str, Any], holder: Present, reserved: Mapping[str, int]
) -> GrantSeen:
    grant = holder.account.grants.get(grant_id)
    if grant is None:
        return GrantSeen(grant_id, data, None, 0)
    left = grant.credits - grant.used - reserved.get(grant_id, 0)
    return GrantSeen(grant_id, data, grant.used, max(0, left) if grant.is_live(holder.now) else 0)
