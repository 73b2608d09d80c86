"""Subscriptions in the user document: the public copy, and the texts that decisions read.

`users/{uid}.subscription` is what clients see: the one that counts, or null. All of them stand in
`quota.subscriptions`, so that which one counts needs no query and changes by itself with time. Where
that is missing, a map that somebody wrote into `subscription` by hand is obeyed.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.plans.subscriptions import Subscription
from genquota.store.subscription_fields import read_subscription_fields, subscription_fields

_encode = json.JSONEncoder(separators=(",", ":")).encode


def subscription_to_text(subscription: Subscription) -> str:
    """Write one subscription for `quota.subscriptions`. Instants are whole seconds since 1970."""
    return _encode(
        {
            "plan": subscription.plan_id,
            "next": subscription.next_plan_id,
            "status": subscription.status.value,
            "anchor": _seconds(subscription.anchor),
            "start": _seconds(subscription.current_period_start),
            "end": _seconds(subscription.current_period_end),
            "cancel": subscription.cancel_at_period_end,
            "unpaid": _seconds(subscription.unpaid_since),
            **_period_end(subscription),
        }
    )


@lru_cache(maxsize=2048)
def subscription_from_text(subscription_id: str, text: str) -> Subscription:
    """Read what `subscription_to_text` wrote."""
    entry = json.loads(text)
    return Subscription(
        id=subscription_id,
        plan_id=entry["plan"],
        status=SubscriptionStatus(entry["status"]),
        anchor=_from_seconds(entry["anchor"]),
        current_period_start=_from_seconds(entry["start"]),
        current_period_end=_from_seconds(entry["end"]),
        cancel_at_period_end=entry["cancel"],
        next_plan_id=entry["next"],
        unpaid_since=_from_seconds(entry["unpaid"]),
        provider_period_end=_from_seconds(entry.get("periodEnd")),
    )


def _period_end(subscription: Subscription) -> dict[str, int | None]:
    end = subscription.provider_period_end
    return {} if end in (None, subscription.current_period_end) else {"periodEnd": _seconds(end)}


def public_copy(subscription: Subscription | None, now: datetime) -> dict[str, Any] | None:
    """Return `users/{uid}.subscription`."""
    if subscription is None:
        return None
    fields = subscription_fields(subscription)
    return {"id": subscription.id, **fields, "planId": subscription.plan_at(now)}


def read_public_copy(data: object) -> Subscription | None:
    """Parse `users/{uid}.subscription`; what is no subscription is none."""
    if not isinstance(data, Mapping):
        return None
    return read_subscription_fields(str(data.get("id") or ""), data)


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _from_seconds(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
