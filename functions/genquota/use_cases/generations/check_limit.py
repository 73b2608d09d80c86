"""May this user generate?"""

from genquota.domain.quota.decision import Ask, Decision
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present


def check_limit(
    context: Context, caller: Caller | None, user_id: str | None, ask: Ask
) -> tuple[Present, Decision]:
    """Decide without taking a hold. Makes the user document on the user's first call.

    Raises:
        GenquotaError: Whatever would refuse a generation but the decision itself, which is returned.
    """

    def attempt(transaction: Transaction) -> tuple[Present, Decision]:
        case = open_case(context, transaction, caller, user_id)
        case.require_right_to(ask)
        return case.holder, case.decide(transaction, ask)

    return run_transaction(context.db, attempt)
