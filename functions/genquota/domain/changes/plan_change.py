"""Assignment of a plan by an operator: at once, after the paid period, or for a time."""

from dataclasses import replace
from datetime import datetime

from genquota.domain.changes.overrides import PLAN_NAME, add_override
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import Override
from genquota.domain.quota.account import Account
from genquota.domain.records import dataclass

_FOR_GOOD = "plan"
_FOR_A_TIME = "plan-for-a-time"


@dataclass(frozen=True, slots=True)
class SetPlanCommand:
    """The plan to assign, and when."""

    plan_id: str | None
    """None: whatever they would have without any operator."""
    at_once: bool = False
    """Though a better plan is paid for."""
    expires_at: datetime | None = None
    """For a time only; then what was before counts again."""


def assign_plan(
    account: Account, command: SetPlanCommand, rank: int, paid_rank: int | None, now: datetime
) -> Account:
    """Assign a plan to the account.

    What is paid for is not taken away unless the operator says so: a plan of a lower rank than the
    subscription's waits until no subscription is in force.

    Args:
        account: Rolled to now.
        command: The plan.
        rank: Its rank.
        paid_rank: That of the plan of the subscription in force; None: there is none.
        now: Aware, UTC.

    Raises:
        InvalidArgument: For a time that is over, or less than what is paid for, but not at once.
    """
    if command.plan_id is None:
        return replace(add_override(account, None, (PLAN_NAME,), now), plan_id=None)
    is_less = paid_rank is not None and rank < paid_rank
    if command.expires_at is not None:
        if command.expires_at <= now:
            raise InvalidArgument((("expiresAt", "is not in the future"),))
        if is_less and not command.at_once:
            message = "the subscription gives more: say now, or wait for its end without expiresAt"
            raise InvalidArgument((("now", message),))
        end = command.expires_at.replace(microsecond=0)  # as it will be read
        override = Override(_FOR_A_TIME, command.plan_id, expires_at=end, created_at=now)
        return add_override(account, override, (), now)
    is_laid_over = paid_rank is not None and (command.at_once or not is_less)
    laid = Override(_FOR_GOOD, command.plan_id, created_at=now) if is_laid_over else None
    return replace(add_override(account, laid, (PLAN_NAME,), now), plan_id=command.plan_id)
