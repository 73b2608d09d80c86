"""Count a user's generations by how they ended."""

from datetime import datetime

from genquota.domain.enums import Status
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Account
from genquota.domain.records import dataclass
from genquota.store.listing import Listing, count_documents
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request

_GROUPS = (
    (Status.SUCCESS.value,),
    (Status.FAILED.value, Status.CANCELLED.value, Status.EXPIRED.value),
    (Status.PENDING.value, Status.PROCESSING.value),
)


@dataclass(frozen=True, slots=True)
class GenerationCounts:
    """Generations, hidden ones included."""

    success: int
    failed: int
    """Cancelled and expired included."""
    pending: int


def generation_stats(
    context: Context, caller: Caller | None, user_id: str, since: datetime | None
) -> GenerationCounts:
    """Count a user's generations: from their document alone, or those created from ``since`` on.

    The first costs one document read. The second is three counts more, each of which costs one read for
    every thousand generations.

    Raises:
        GenquotaError: The caller may not see this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> tuple[Account, datetime]:
        request = load_request(context, transaction, caller, user_id)
        request.authorize(Permission.VIEW_GENERATIONS)
        return request.user.account, request.user.now

    account, now = run_transaction(context.db, attempt)
    live = len(account.active_holds(now))
    not_closed_yet = len(account.holds) - live
    if since is None:
        return GenerationCounts(account.success, account.failed + not_closed_yet, live)
    success, failed, pending = (
        count_documents(context.db, _listing(user_id, group, since)) for group in _GROUPS
    )
    ended = min(not_closed_yet, pending)  # their records still say that they are open
    return GenerationCounts(success, failed + ended, pending - ended)


def _listing(user_id: str, statuses: tuple[str, ...], since: datetime) -> Listing:
    equal = {"userId": user_id, "isDeleted": (False, True), "generationStatus": statuses}
    return Listing("userGenerations", equal, by="createdAt", is_descending=True, since=since)
