"""Read what a user has used, of which limits, until when."""

from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState


def get_usage(
    context: Context, caller: Caller | None, user_id: str | None
) -> tuple[UserState, Decision]:
    """Return the user and the decision on one more image.

    Raises:
        GenquotaError: The caller may not see this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> tuple[UserState, Decision]:
        request = load_request(context, transaction, caller, user_id)
        return request.user, request.decide(transaction, QuotaRequest())

    return run_transaction(context.db, attempt)
