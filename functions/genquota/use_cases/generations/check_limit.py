"""Check whether a user may generate."""

from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState


def check_limit(
    context: Context, caller: Caller | None, user_id: str | None, quota_request: QuotaRequest
) -> tuple[UserState, Decision]:
    """Decide without taking a hold. Makes the user document on the user's first call.

    Raises:
        GenquotaError: Whatever would refuse a generation but the decision itself, which is returned.
    """

    def attempt(transaction: Transaction) -> tuple[UserState, Decision]:
        request = load_request(context, transaction, caller, user_id)
        request.require_may_request(quota_request)
        return request.user, request.decide(transaction, quota_request)

    return run_transaction(context.db, attempt)
