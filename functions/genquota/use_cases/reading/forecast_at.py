"""What would a user have left at a later instant, if nothing were generated or changed until then?"""

from datetime import datetime, timedelta

from genquota.domain.errors import InvalidArgument
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Ask, Decision
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import Case, open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.returning_users import carry_over
from genquota.use_cases.core.user_state import Present, bring_to_present

LONGEST_AHEAD = timedelta(days=3660)
"""Ten years: the calendar that windows are computed by ends with the year 9999."""


def get_usage_at(
    context: Context, caller: Caller | None, user_id: str, at: datetime
) -> tuple[Present, Decision]:
    """Return what `get_usage` would answer at ``at`` (aware), to an admin. Nothing is written.

    Raises:
        NotAllowed: The caller is no admin.
        InvalidArgument: ``at`` is before now, or more than ten years after.
        GenquotaError: There is no such user, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> tuple[Present, Decision]:
        holder = _at(context, transaction, _admitted(context, transaction, caller, user_id), at)
        return holder, holder.decide(Ask())

    return run_transaction(context.db, attempt)


def check_limit_at(
    context: Context, caller: Caller | None, user_id: str, ask: Ask, at: datetime
) -> tuple[Present, Decision]:
    """Return what `check_limit` would answer at ``at`` (aware), to an admin. Nothing is written.

    Raises:
        NotAllowed: The caller is no admin.
        InvalidArgument: ``at`` is before now, or more than ten years after.
        GenquotaError: Whatever would refuse a generation but the decision itself, which is returned.
    """

    def attempt(transaction: Transaction) -> tuple[Present, Decision]:
        case = _admitted(context, transaction, caller, user_id)
        case.require_right_to(ask)
        holder = _at(context, transaction, case, at)
        return holder, holder.decide(ask)

    return run_transaction(context.db, attempt)


def _admitted(
    context: Context, transaction: Transaction, caller: Caller | None, user_id: str
) -> Case:
    case = open_case(context, transaction, caller, user_id)
    case.authorize(Permission.VIEW_USERS)
    return case


def _at(context: Context, transaction: Transaction, case: Case, at: datetime) -> Present:
    now, seen = case.holder.now, case.holder.seen
    if not now <= at <= now + LONGEST_AHEAD:
        raise InvalidArgument((("at", "must be from now to ten years from now"),))
    # From the document, as a call at that time would: the account as of now is rolled already.
    is_verified = case.holder.account.is_verified
    holder = bring_to_present(context, transaction, seen, at, {}, is_verified=is_verified)
    return carry_over(transaction, case.caller, holder)[0]
