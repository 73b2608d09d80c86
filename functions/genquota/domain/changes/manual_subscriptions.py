"""Manual subscriptions: defaults of what a command leaves out, and their place in the account."""

from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.policy import MAX_SUBSCRIPTIONS
from genquota.domain.quota.account import Account
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class PutSubscriptionCommand:
    """What an operator says of a subscription. None: as it was, else the usual."""

    plan_id: str
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    current_period_start: datetime | None = None
    """Usually now."""
    current_period_end: datetime | None = None
    """Usually none: until further notice. A trial ends after the plan's `trialDays`, and one that is not
    to be renewed when it would have ended before."""
    anchor: datetime | None = None
    """Usually the start."""
    cancel_at_period_end: bool | None = None
    """Usually only for a trial."""


def build_subscription(
    subscription_id: str,
    command: PutSubscriptionCommand,
    earlier: Subscription | None,
    trial_days: int | None,
    now: datetime,
) -> Subscription:
    """Build the subscription that a command describes.

    Args:
        subscription_id: Its id.
        command: What the operator says.
        earlier: The one of that id until now; what is left out keeps its start, so that saying the same
            twice, or ending it and giving it again, begins no new period.
        trial_days: Of the plan.
        now: Aware, UTC.

    Raises:
        InvalidArgument: It would begin in the future, end before it begins, or not say when what does not
            go on ends.
    """
    start = _whole(command.current_period_start) or (earlier and earlier.current_period_start)
    start = start or now.replace(microsecond=0)
    end = _whole(command.current_period_end)
    is_trial = command.status is SubscriptionStatus.TRIALING
    if is_trial and end is None:
        if trial_days is None:
            message = "the plan has no trialDays: say when the trial ends"
            raise InvalidArgument((("currentPeriodEnd", message),))
        end = start + timedelta(days=trial_days)
    is_cancelled = (
        is_trial if command.cancel_at_period_end is None else command.cancel_at_period_end
    )
    if end is None and (is_cancelled or command.status is SubscriptionStatus.CANCELED):
        end = earlier.current_period_end if earlier else None
        if end is None:
            raise InvalidArgument((("currentPeriodEnd", "say when it ends"),))
    if start > now:
        raise InvalidArgument((("currentPeriodStart", "is in the future"),))
    if end is not None and end <= start:
        raise InvalidArgument((("currentPeriodEnd", "is not after the start"),))
    unpaid_since = None
    if command.status is SubscriptionStatus.PAST_DUE:
        unpaid_since = (earlier and earlier.unpaid_since) or now.replace(microsecond=0)
    return Subscription(
        subscription_id,
        command.plan_id,
        command.status,
        _whole(command.anchor) or (earlier and earlier.anchor) or start,
        start,
        end,
        is_cancelled,
        unpaid_since=unpaid_since,
    )


def put_subscription(account: Account, subscription: Subscription) -> Account:
    """Add the subscription to the account, or replace it.

    Raises:
        InvalidArgument: It has as many as it may.
    """
    if account.subscriptions.get(subscription.id) == subscription:
        return account
    subscriptions = {**account.subscriptions, subscription.id: subscription}
    if len(subscriptions) > MAX_SUBSCRIPTIONS:
        message = f"the user has {MAX_SUBSCRIPTIONS} subscriptions, which is the most"
        raise InvalidArgument((("", message),))
    return replace(account, subscriptions=subscriptions)


def remove_subscription(account: Account, subscription_id: str) -> Account:
    """Remove the subscription from the account."""
    if subscription_id not in account.subscriptions:
        return account
    left = {key: each for key, each in account.subscriptions.items() if key != subscription_id}
    return replace(account, subscriptions=left, subscription=None)


def _whole(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None
