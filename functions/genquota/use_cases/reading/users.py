"""One user, as an admin sees them."""

from dataclasses import dataclass

from genquota.domain.errors import UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Ask, Decision
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present


@dataclass(frozen=True, slots=True)
class UserSeen:
    """A user, and what they have left."""

    holder: Present
    quota: Decision


def get_user(context: Context, caller: Caller | None, user_id: str) -> UserSeen:
    """Return a user to an admin.

    Raises:
        UserNotFound: There is no such user.
        GenquotaError: The caller is no admin, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> UserSeen:
        case = open_case(context, transaction, caller, user_id)
        case.authorize(Permission.VIEW_USERS)
        if not case.holder.seen.exists:
            raise UserNotFound
        return UserSeen(case.holder, case.holder.decide(Ask()))

    return run_transaction(context.db, attempt)
