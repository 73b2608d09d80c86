"""What has this user used, of what, until when?"""

from genquota.domain.decision import Ask, Decision
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.case import open_case
from genquota.use_cases.context import Caller, Context
from genquota.use_cases.present import Present


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
