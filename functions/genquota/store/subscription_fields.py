"""The fields of a subscription as everybody may see it: in its document and in its user's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.plans.subscriptions import Subscription
from genquota.store.documents import to_utc_datetime


def subscription_fields(subscription: Subscription) -> dict[str, Any]:
    """Return the fields, without the id."""
    return public_fields(
        subscription.plan_id,
        subscription.status,
        subscription.anchor,
        (subscription.current_period_start, subscription.current_period_end),
        cancel_at_period_end=subscription.cancel_at_period_end,
    )


def public_fields(
    plan_id: str | None,
    status: SubscriptionStatus,
    anchor: datetime | None,
    period: tuple[datetime | None, datetime | None],
    *,
    cancel_at_period_end: bool,
) -> dict[str, Any]:
    """Return the fields, also of a subscription whose product stands in no plan (`plan_id` is None then)."""
    return {
        "planId": plan_id,
        "status": status.value,
        "anchor": anchor,
        "currentPeriodStart": period[0],
        "currentPeriodEnd": period[1],
        "cancelAtPeriodEnd": cancel_at_period_end,
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
