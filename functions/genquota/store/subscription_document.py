"""`subscriptions/{subscriptionId}`: the plan, the provider, the user.

What decisions need of it stands in the user document too, written in the same commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.plans.subscriptions import Subscription
from genquota.store.clock import to_utc_datetime
from genquota.store.documents import Snapshot, document_data
from genquota.store.transaction import Transaction

MANUAL = "manual"
"""The provider of what operators gave by hand."""


@dataclass(frozen=True, slots=True)
class SubscriptionDocument:
    """A subscription's document as it was read."""

    snapshot: Snapshot
    data: Mapping[str, Any]

    @property
    def exists(self) -> bool:
        return bool(self.snapshot.exists)

    @property
    def user_id(self) -> str | None:
        return self.data.get("userId")

    @property
    def provider(self) -> str | None:
        return self.data.get("provider")

    @property
    def subscription(self) -> Subscription | None:
        """What decisions need of it, as far as the public fields say; None: they say none."""
        data = self.data
        plan_id, status = data.get("planId"), data.get("status")
        if not isinstance(plan_id, str) or status not in tuple(SubscriptionStatus):
            return None
        return Subscription(
            id=self.snapshot.id,
            plan_id=plan_id,
            status=SubscriptionStatus(status),
            anchor=_instant(data.get("anchor")),
            current_period_start=_instant(data.get("currentPeriodStart")),
            current_period_end=_instant(data.get("currentPeriodEnd")),
            cancel_at_period_end=data.get("cancelAtPeriodEnd") is True,
        )


def subscription_path(subscription_id: str) -> str:
    return f"subscriptions/{subscription_id}"


def read_subscription(snapshot: Snapshot) -> SubscriptionDocument:
    """Read a subscription's document, or the lack of one."""
    return SubscriptionDocument(snapshot, document_data(snapshot))


def save_subscription(
    transaction: Transaction,
    seen: SubscriptionDocument,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write a subscription's document.

    Args:
        transaction: Gets the write, with the precondition that nobody else wrote meanwhile.
        seen: What was read.
        facts: Fields as they stand in the document; those that are not named stay.
        now: Aware, UTC.
    """
    fields = {**facts, "updatedAt": now}
    path = seen.snapshot.reference.path
    if seen.exists:
        transaction.update(path, fields, seen.snapshot)
    else:
        transaction.create(path, {"metadata": {}, **fields, "createdAt": now})


def subscription_facts(subscription: Subscription, user_id: str, provider: str) -> dict[str, Any]:
    """Return the public fields that every provider's subscriptions have."""
    return {
        "userId": user_id,
        "provider": provider,
        "planId": subscription.plan_id,
        "status": subscription.status.value,
        "anchor": subscription.anchor,
        "currentPeriodStart": subscription.current_period_start,
        "currentPeriodEnd": subscription.current_period_end,
        "cancelAtPeriodEnd": subscription.cancel_at_period_end,
    }


def _instant(value: object) -> datetime | None:
    return to_utc_datetime(value).replace(microsecond=0) if isinstance(value, datetime) else None
