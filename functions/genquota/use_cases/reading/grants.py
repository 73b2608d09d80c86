"""List the grants that a user was ever given, and what is left of them."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.errors import UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import ReservedCredits
from genquota.domain.records import dataclass
from genquota.store.documents import document_data
from genquota.store.listing import Listing, Position
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState
from genquota.use_cases.reading.lists import PageRequest
from genquota.use_cases.reading.pages import read_document_page


@dataclass(frozen=True, slots=True)
class GrantDetails:
    """A grant's document, and how it stands."""

    id: str
    data: Mapping[str, Any]
    used: int | None
    """None: the user document no longer has it."""
    remaining: int


def list_grants(
    context: Context, caller: Caller | None, user_id: str, part: PageRequest
) -> tuple[tuple[GrantDetails, ...], Position | None]:
    """Return a user's grants to an admin, newest first, and where to go on.

    Raises:
        UserNotFound: There is no such user.
        GenquotaError: The caller is no admin, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> UserState:
        request = load_request(context, transaction, caller, user_id)
        request.authorize(Permission.VIEW_USERS)
        if not request.user.seen.exists:
            raise UserNotFound
        return request.user

    user = run_transaction(context.db, attempt)
    listing = Listing(f"users/{user_id}/grants", by="createdAt", is_descending=True)
    found = read_document_page(context, listing, part.limit, part.after)
    reserved = ReservedCredits.of(user.account, user.now).by_grant
    return tuple(_seen(each.id, document_data(each), user, reserved) for each in found.snapshots), (
        found.next
    )


def _seen(
    grant_id: str, data: Mapping[str, Any], user: UserState, reserved: Mapping[str, int]
) -> GrantDetails:
    grant = user.account.grants.get(grant_id)
    if grant is None:
        return GrantDetails(grant_id, data, None, 0)
    left = grant.credits - grant.used - reserved.get(grant_id, 0)
    return GrantDetails(
        grant_id, data, grant.used, max(0, left) if grant.is_active(user.now) else 0
    )
