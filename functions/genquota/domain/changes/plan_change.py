"""An operator's choice of plan: at once, after what is paid for, or for a time."""

from dataclasses import dataclass, replace
from datetime import datetime

from genquota.domain.changes.overrides import lay_override
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import Override
from genquota.domain.quota.account import Account

PLAN_NAME = "planId"
"""What overrides call it."""

_FOR_GOOD = "plan"
_FOR_A_TIME = "plan-for-a-time"


@dataclass(frozen=True, slots=True)
class PlanWish:
    """Which plan a user is to have."""

    plan_id: str | None
    """None: whatever they would have without any operator."""
    at_once: bool = False
    """Though a better plan is paid for."""
    expires_at: datetime | None = None
    """For a time only; then what was before counts again."""


def put_on_plan(
    account: Account, wish: PlanWish, rank: int, paid_rank: int | None, now: datetime
) -> Account:
    """Put the account on a plan.

    What is paid for is not taken away unless the operator says so: a plan of a lower rank than the
    subscription's waits until no subscription is in force.

    Args:
        account: Rolled to now.
        wish: The plan.
        rank: Its rank.
        paid_rank: That of the plan of the subscription in force; None: there is none.
        now: Aware, UTC.

    Raises:
        InvalidArgument: For a time that is over, or less than what is paid for, but not at once.
    """
    if wish.plan_id is None:
        return replace(lay_override(account, None, (PLAN_NAME,), now), plan_id=None)
    is_less = paid_rank is not None and rank < paid_rank
    if wish.expires_at is not None:
        if wish.expires_at <= now:
            raise InvalidArgument((("expiresAt", "is not in the future"),))
        if is_less and not wish.at_once:
            message = "the subscription gives more: say now, or wait for its end without expiresAt"
            raise InvalidArgument((("now", message),))
        end = wish.expires_at.replace(microsecond=0)  # as it will be read
        override = Override(_FOR_A_TIME, wish.plan_id, expires_at=end, created_at=now)
        return lay_override(account, override, (), now)
    is_laid_over = paid_rank is not None and (wish.at_once or not is_less)
    laid = Override(_FOR_GOOD, wish.plan_id, created_at=now) if is_laid_over else None
    return replace(lay_override(account, laid, (PLAN_NAME,), now), plan_id=wish.plan_id)
