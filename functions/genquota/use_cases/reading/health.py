"""Check that the store answers, and how fast."""

import time

from genquota.store.plans.plan_cache import plan_path
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Context


def check_health(context: Context) -> float:
    """Read one document, and return how many seconds that took.

    Raises:
        Unavailable: The store did not answer.
    """

    def attempt(transaction: Transaction) -> None:
        transaction.read([plan_path(context.policy.default_plan or "free")])

    begun = time.monotonic()
    run_transaction(context.db, attempt)
    return time.monotonic() - begun
