"""Reducer of a subscription's events: the same record in whatever order they arrive.

A record is a set of registers, one for each fact, and one fact that only grows: which plans were active
in the newest paid period. Both are the same whichever event was received first, doubled or not, and all
else is worked out from them (`entitlements`).
"""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime

from genquota.billing.domain.customers import Ownership
from genquota.billing.domain.lww_registers import LwwRegister, Version, latest, versioned
from genquota.billing.domain.namings import naming_order
from genquota.billing.domain.provider_events import Naming, ProviderEvent
from genquota.billing.domain.subscription_facts import (
    Cancellation,
    Invoice,
    Period,
    PurchasedItems,
    ScheduledChange,
    StatusReport,
    SubscriptionUpdate,
    Trial,
)
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class PaidPlan:
    """A plan that was active in a paid period."""

    rank: int
    names: tuple[str, ...] = ()
    """The provider's ids of the item that it was."""


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """All that is known of one subscription."""

    id: str
    provider: Provider
    status: LwwRegister[StatusReport] | None = None
    bought: LwwRegister[PurchasedItems] | None = None
    period: LwwRegister[Period] | None = None
    anchor: LwwRegister[datetime] | None = None
    trial: LwwRegister[Trial] | None = None
    grace_end: LwwRegister[datetime] | None = None
    cancellation: LwwRegister[Cancellation] | None = None
    change: LwwRegister[ScheduledChange] | None = None
    invoice: LwwRegister[Invoice] | None = None
    customer: LwwRegister[str] | None = None
    naming: LwwRegister[Naming] | None = None
    """The user that its own metadata or its checkout names."""
    paid_start: datetime | None = None
    """Start of the newest period that was active."""
    paid_end: datetime | None = None
    """Its end, the latest that was reported."""
    paid_plans: Mapping[str, PaidPlan] = field(default_factory=dict)
    """The plans seen active in it."""
    is_temporary: bool = False
    replaced_by: Version | None = None
    """Of a temporary one: the newest report of another one of the same person."""
    receipts: frozenset[str] = frozenset()
    """Events that wait until it is known whose it is."""

    @property
    def ownership(self) -> Ownership:
        return Ownership(self.customer, self.naming)

    @property
    def updated_at(self) -> datetime:
        """The provider's time of the newest event."""
        facts = (self.status, self.bought, self.period, self.cancellation, self.change)
        known = (*facts, self.grace_end, self.invoice, self.customer, self.naming)
        return max(register.version.at for register in known if register)


def apply_event_to_subscription(
    record: SubscriptionRecord | None, event: ProviderEvent
) -> SubscriptionRecord | None:
    """Apply an event to a subscription; an event without one changes nothing.

    Args:
        record: What is known so far.
        event: Priced.
    """
    update = event.subscription
    if update is None:
        return record
    unknown = SubscriptionRecord(update.id, event.provider)
    kept = record or unknown
    version = event.fact_version
    kept = replace(
        kept,
        status=latest(kept.status, versioned(update.status, version)),
        bought=latest(kept.bought, versioned(update.bought, version)),
        period=latest(kept.period, versioned(update.period, version)),
        anchor=latest(kept.anchor, versioned(update.anchor, version)),
        trial=latest(kept.trial, versioned(update.trial, version)),
        grace_end=latest(kept.grace_end, versioned(update.grace_end, version)),
        cancellation=latest(kept.cancellation, versioned(update.cancellation, version)),
        change=latest(kept.change, versioned(update.change, version)),
        invoice=latest(kept.invoice, versioned(update.invoice, event.version), _invoice_order),
        customer=latest(kept.customer, versioned(event.customer_id, event.version)),
        naming=latest(kept.naming, versioned(event.own_naming, event.version), naming_order),
        is_temporary=kept.is_temporary or update.is_temporary,
    )
    # An event without a customer, of an invoice of something else: nothing was said.
    return None if kept == unknown else _with_paid_plan(kept, update)


def has_timestamp_conflict(record: SubscriptionRecord | None, event: ProviderEvent) -> bool:
    """Return whether another event of the same instant has said how the subscription stands.

    Where one of them says that it is incomplete, their order is known.
    """
    update = event.subscription
    if record is None or record.status is None or update is None or update.status is None:
        return False
    kept, reported = record.status.version, event.fact_version
    if kept.precedence != reported.precedence or reported.precedence == 0:
        return False
    return kept.at == reported.at and kept.event_id != reported.event_id


def _invoice_order(register: LwwRegister[Invoice]) -> tuple[datetime, Version]:
    """An old invoice that is paid late says nothing of the period after it."""
    return register.value.period.start, register.version


def _with_paid_plan(record: SubscriptionRecord, update: SubscriptionUpdate) -> SubscriptionRecord:
    bought, period, status = update.bought, update.period, update.status
    if bought is None or bought.plan is None or period is None or status is None:
        return record
    if status.status is not SubscriptionStatus.ACTIVE or update.is_temporary:
        return record
    if record.paid_start is not None and period.start < record.paid_start:
        return record
    is_known = period.start == record.paid_start
    known = record.paid_plans if is_known else {}
    ends = [end for end in (period.end, record.paid_end if is_known else None) if end]
    plan, names = bought.plan, bought.plan_names
    before = known.get(plan.id, PaidPlan(plan.rank))
    names = tuple(sorted({*before.names, *names}))
    paid = PaidPlan(max(plan.rank, before.rank), names)
    return replace(
        record,
        paid_start=period.start,
        paid_end=max(ends, default=None),
        paid_plans={**known, plan.id: paid},
    )
