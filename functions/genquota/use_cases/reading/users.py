"""Read one user, as an admin sees them."""

from genquota.domain.errors import UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.records import dataclass
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState


@dataclass(frozen=True, slots=True)
class UserDetails:
    """A user, and what they have left."""

    user: UserState
    quota: Decision


def get_user(context: Context, caller: Caller | None, user_id: str) -> UserDetails:
    """Return a user to an admin.

    Raises:
        UserNotFound: There is no such user.
        GenquotaError: The caller is no admin, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> UserDetails:
        request = load_request(context, transaction, caller, user_id)
        request.authorize(Permission.VIEW_USERS)
        if not request.user.seen.exists:
            raise UserNotFound
        return UserDetails(request.user, request.user.decide(QuotaRequest()))

    return run_transaction(context.db, attempt)
