"""What has this user used, of what, until when?"""

from genquota.domain.quota.decision import Ask, Decision
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present


def get_usage(
    context: Context, caller: Caller | None, user_id: str | None
) -> tuple[Present, Decision]:
    """Return the holder and the decision on one more image.

    Raises:
        GenquotaError: The caller may not see this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> tuple[Present, Decision]:
        case = open_case(context, transaction, caller, user_id)
        return case.holder, case.decide(transaction, Ask())

    return run_transaction(context.db, attempt)
