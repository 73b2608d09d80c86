"""One subscription or payment before and after an event, with its owners."""

from collections.abc import Mapping

from genquota.billing.domain.customers import (
    CustomerRecord,
    owner_of_payment,
    owner_of_subscription,
)
from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.domain.purchases import Pack, PaymentRecord, apply_event_to_payment
from genquota.billing.domain.subscription_facts import SubscriptionUpdate
from genquota.billing.domain.subscription_reducer import (
    SubscriptionRecord,
    apply_event_to_subscription,
)
from genquota.billing.store.billing_documents import read_payment, read_subscription_record
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot
from genquota.store.grant_document import grant_path


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """A subscription before and after the event."""

    seen: Snapshot
    before: SubscriptionRecord | None
    user_before: str | None
    after: SubscriptionRecord
    user_after: str | None
    customers: tuple[str, ...]
    """Who had it in turn."""

    @property
    def is_changed(self) -> bool:
        return self.after != self.before or self.user_after != self.user_before


@dataclass(frozen=True, slots=True)
class PaymentChange:
    """A payment before and after the event, but for what giving its grants changes."""

    seen: Snapshot
    before: PaymentRecord | None
    after: PaymentRecord
    user_after: str | None
    """Whose it is now."""
    customers: tuple[str, ...]
    """Who had it in turn."""

    @property
    def user_before(self) -> str | None:
        """Who was given its grants before."""
        return self.before.user_id if self.before else None

    def grant_paths(self) -> dict[str, str]:
        """Return where the grants stand that were given before, by their ids."""
        uid = self.user_before
        return {each.id: grant_path(uid, each.id) for each in self.after.grants} if uid else {}


def change_subscription(
    seen: Snapshot, event: ProviderEvent, customers: Mapping[str, CustomerRecord]
) -> SubscriptionChange | None:
    """Return what an event makes of a subscription's document; None if there is and will be none."""
    before, user_before = read_subscription_record(seen)
    update = event.subscription
    is_own = update is not None and update.id == seen.id
    after = apply_event_to_subscription(before, event) if is_own else before
    if after is None:
        return None  # somebody has deleted it
    if before is None and update and update.is_single_purchase and not _names_plan(update):
        return None  # it was credits
    if after.customer is None and after.naming is None:
        return SubscriptionChange(seen, before, user_before, after, user_before, ())
    owner = owner_of_subscription(after.ownership, customers)
    return SubscriptionChange(seen, before, user_before, after, owner.user_id, owner.customers)


def change_payment(
    seen: Snapshot,
    payment_id: str,
    event: ProviderEvent,
    packs: Mapping[Pack, int],
    customers: Mapping[str, CustomerRecord],
) -> PaymentChange | None:
    """Return what an event makes of a payment's document; None if there is and will be none."""
    before = read_payment(seen)
    is_own = event.payment_id == payment_id
    after = apply_event_to_payment(before, event, packs) if is_own else before
    if after is None:
        return None
    owner = owner_of_payment(after.ownership, customers)
    return PaymentChange(seen, before, after, owner.user_id or after.user_id, owner.customers)


def _names_plan(update: SubscriptionUpdate) -> bool:
    return update.bought is not None and update.bought.plan is not None
