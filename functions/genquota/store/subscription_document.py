"""`subscriptions/{subscriptionId}`: the plan, the provider, the user.

What decisions need of it stands in the user document too, written in the same commit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data
from genquota.store.subscription_fields import read_subscription_fields, subscription_fields
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
        return read_subscription_fields(self.snapshot.id, self.data)


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
    return {"userId": user_id, "provider": provider, **subscription_fields(subscription)}
