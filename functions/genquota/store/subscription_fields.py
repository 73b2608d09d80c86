"""The fields of a subscription as everybody may see it: in its document and in its user's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.plans.subscriptions import Subscription
from genquota.store.clock import to_utc_datetime


def subscription_fields(subscription: Subscription) -> dict[str, Any]:
    """Return the fields, without the id."""
    return {
        "planId": subscription.plan_id,
        "status": subscription.status.value,
        "anchor": subscription.anchor,
        "currentPeriodStart": subscription.current_period_start,
        "currentPeriodEnd": subscription.current_period_end,
        "cancelAtPeriodEnd": subscription.cancel_at_period_end,
    }


def read_subscription_fields(subscription_id: str, data: Mapping[str, Any]) -> Subscription | None:
    """Parse the fields; what is no subscription is none."""
    status, plan_id, end = data.get("status"), data.get("planId"), data.get("currentPeriodEnd")
    if status not in tuple(SubscriptionStatus) or not isinstance(plan_id, str) or not plan_id:
        return None
    if end is not None and not isinstance(end, datetime):
        return None  # without an end it would never end
    return Subscription(
        id=subscription_id,
        plan_id=plan_id,
        status=SubscriptionStatus(status),
        anchor=_instant(data.get("anchor")),
        current_period_start=_instant(data.get("currentPeriodStart")),
        current_period_end=_instant(end),
        cancel_at_period_end=data.get("cancelAtPeriodEnd") is True,
    )


def _instant(value: object) -> datetime | None:
    return to_utc_datetime(value).replace(microsecond=0) if isinstance(value, datetime) else None
