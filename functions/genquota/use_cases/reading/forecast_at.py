"""Evaluate a user at a later instant, as if nothing were generated or changed until then."""

from datetime import datetime, timedelta

from genquota.domain.errors import InvalidArgument
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import RequestContext, load_request
from genquota.use_cases.core.returning_users import apply_carry_over
from genquota.use_cases.core.user_state import UserState, evaluate_user

LONGEST_AHEAD = timedelta(days=3660)
"""Ten years: the calendar that windows are computed by ends with the year 9999."""


def get_usage_at(
    context: Context, caller: Caller | None, user_id: str, at: datetime
) -> tuple[UserState, Decision]:
    """Return what `get_usage` would answer at ``at`` (aware), to an admin. Nothing is written.

    Raises:
        NotAllowed: The caller is no admin.
        InvalidArgument: ``at`` is before now, or more than ten years after.
        GenquotaError: There is no such user, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> tuple[UserState, Decision]:
        user = _at(context, transaction, _admitted(context, transaction, caller, user_id), at)
        return user, user.decide(QuotaRequest())

    return run_transaction(context.db, attempt)


def check_limit_at(
    context: Context, caller: Caller | None, user_id: str, quota_request: QuotaRequest, at: datetime
) -> tuple[UserState, Decision]:
    """Return what `check_limit` would answer at ``at`` (aware), to an admin. Nothing is written.

    Raises:
        NotAllowed: The caller is no admin.
        InvalidArgument: ``at`` is before now, or more than ten years after.
        GenquotaError: Whatever would refuse a generation but the decision itself, which is returned.
    """

    def attempt(transaction: Transaction) -> tuple[UserState, Decision]:
        request = _admitted(context, transaction, caller, user_id)
        request.require_may_request(quota_request)
        user = _at(context, transaction, request, at)
        return user, user.decide(quota_request)

    return run_transaction(context.db, attempt)


def _admitted(
    context: Context, transaction: Transaction, caller: Caller | None, user_id: str
) -> RequestContext:
    request = load_request(context, transaction, caller, user_id)
    request.authorize(Permission.VIEW_USERS)
    return request


def _at(
    context: Context, transaction: Transaction, request: RequestContext, at: datetime
) -> UserState:
    now, seen = request.user.now, request.user.seen
    if not now <= at <= now + LONGEST_AHEAD:
        raise InvalidArgument((("at", "must be from now to ten years from now"),))
    # From the document, as a call at that time would: the account as of now is rolled already.
    is_verified = request.user.account.is_verified
    user = evaluate_user(context, transaction, seen, at, {}, is_verified=is_verified)
    return apply_carry_over(transaction, request.caller, user)[0]
