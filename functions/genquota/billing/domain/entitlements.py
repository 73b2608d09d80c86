"""The entitlement of a subscription, computed from its record and nothing else."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from genquota.billing.domain.lww_registers import LwwRegister
from genquota.billing.domain.subscription_facts import (
    Invoice,
    Period,
    PurchasedItems,
    SoldPlan,
    StatusReport,
)
from genquota.billing.domain.subscription_reducer import SubscriptionRecord
from genquota.domain.enums import SubscriptionStatus
from genquota.domain.records import dataclass

T = TypeVar("T")

_RUNS = frozenset(
    {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE}
)
_GIVES_WHAT_IS_REPORTED = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The entitlement that a subscription gives."""

    status: SubscriptionStatus
    plan_id: str | None
    """Until the period's end. None: what was bought stands in no plan."""
    next_plan_id: str | None
    """From then on, if another."""
    anchor: datetime
    period_start: datetime
    period_end: datetime | None
    """When access ends unless it is renewed; None: never."""
    provider_period_end: datetime | None
    """When the provider's period ends, whatever was cancelled, and without grace."""
    cancel_at_period_end: bool
    unpaid_since: datetime | None
    trial_start: datetime | None
    trial_end: datetime | None
    provider_status: str | None
    products: tuple[str, ...]


def entitlement(record: SubscriptionRecord) -> Entitlement | None:
    """Compute the entitlement; None until the provider has reported a period."""
    if record.period is None or record.bought is None:
        return None
    reported = _reported_status(record)
    status, unpaid_since = _status(record, reported)
    period, bought = record.period.value, record.bought.value
    best = _best_plan(record, status, unpaid_since)
    paid = _unfinished_paid_period(record, status, unpaid_since)
    if paid:
        period, unpaid_since = paid, paid.end
    following = _following_plan(record, best, status)
    invoice = record.invoice.value if record.invoice else None
    if status in _RUNS and invoice and invoice.is_paid and _is_after(invoice.period, period):
        # The renewal was paid, and how the subscription stands since then was not reported yet.
        period, best = invoice.period, following
    ends_at = record.cancellation.value.ends_at if record.cancellation else None
    renews = record.cancellation is None or record.cancellation.value.renews
    grace_end = _grace_end(record) if status is SubscriptionStatus.PAST_DUE else None
    access_end = max(period.end, grace_end) if period.end and grace_end else period.end
    cuts_short = ends_at is not None and (period.end is None or ends_at <= period.end)
    trial = record.trial.value if record.trial else None
    return Entitlement(
        status=status,
        plan_id=best.id if best else None,
        next_plan_id=following.id if following and best and following.id != best.id else None,
        anchor=record.anchor.value if record.anchor else period.start,
        period_start=period.start,
        period_end=_earliest(access_end, reported.ended_at, ends_at if cuts_short else None),
        provider_period_end=period.end,
        cancel_at_period_end=not renews or cuts_short,
        unpaid_since=unpaid_since,
        trial_start=trial.start if trial else None,
        trial_end=trial.end if trial else None,
        provider_status=reported.provider_status,
        products=bought.names,
    )


def _unfinished_paid_period(
    record: SubscriptionRecord, status: SubscriptionStatus, unpaid_since: datetime | None
) -> Period | None:
    """Return the paid period that an unpaid one would cut short, if that is so: it goes on."""
    start, end, period = record.paid_start, record.paid_end, record.period
    is_unpaid = status is SubscriptionStatus.PAST_DUE and unpaid_since is not None
    if not is_unpaid or start is None or end is None or period is None:
        return None
    return Period(start, end) if start < period.value.start < end else None


def _reported_status(record: SubscriptionRecord) -> StatusReport:
    """Return the status that was reported of the newest transaction, else what its being there implies."""
    status, period, trial = record.status, record.period, record.trial
    if status and record.replaced_by and status.version.at <= record.replaced_by.at:
        return StatusReport(SubscriptionStatus.EXPIRED, status.value.provider_status)
    is_of_period = status and period and _is_of_same_transaction(status, period)
    if status and is_of_period:
        return status.value
    is_trial = trial and period and _is_of_same_transaction(trial, period) and trial.value.start
    implied = SubscriptionStatus.TRIALING if is_trial else SubscriptionStatus.ACTIVE
    return StatusReport(implied, implied.value)


def _is_of_same_transaction(one: LwwRegister[T], period: LwwRegister[Period]) -> bool:
    return one.version.transaction_at >= period.version.transaction_at


def _status(
    record: SubscriptionRecord, reported: StatusReport
) -> tuple[SubscriptionStatus, datetime | None]:
    """Return the status, and since when the period is unpaid. An invoice may know better."""
    period = record.period.value if record.period else None
    status, invoice = reported.status, record.invoice
    if period is None:
        return status, reported.unpaid_since
    unpaid_since = _unpaid_since(reported, period)
    if invoice is None or invoice.value.period.start < period.start:
        # What was paid for stays, whatever became of a change in the middle of it.
        is_paid = record.paid_start == period.start == unpaid_since
        return status, None if is_paid else unpaid_since
    is_newer = record.status is None or invoice.version >= record.status.version
    return _status_by_invoice(status, unpaid_since, invoice.value, is_newer=is_newer)


def _unpaid_since(reported: StatusReport, period: Period) -> datetime | None:
    is_unpaid = reported.status is SubscriptionStatus.PAST_DUE
    return reported.unpaid_since or (period.start if is_unpaid else None)


def _status_by_invoice(
    status: SubscriptionStatus, unpaid_since: datetime | None, invoice: Invoice, *, is_newer: bool
) -> tuple[SubscriptionStatus, datetime | None]:
    if invoice.is_paid and status is SubscriptionStatus.INCOMPLETE:
        return SubscriptionStatus.ACTIVE, None  # it only waited for this
    if is_newer and invoice.is_paid and status is SubscriptionStatus.PAST_DUE:
        return SubscriptionStatus.ACTIVE, None
    if is_newer and not invoice.is_paid and status is SubscriptionStatus.ACTIVE:
        return SubscriptionStatus.PAST_DUE, invoice.period.start
    is_paid = invoice.is_paid and unpaid_since == invoice.period.start
    return status, None if is_paid else unpaid_since


def _best_plan(
    record: SubscriptionRecord, status: SubscriptionStatus, unpaid_since: datetime | None
) -> SoldPlan | None:
    """Return the highest plan that was paid for in this period: a downgrade waits for its end."""
    if record.bought is None or record.period is None:
        return None
    bought = record.bought.value
    is_paid = record.paid_start == record.period.value.start
    paid = list(_paid_plans(record, bought)) if is_paid else []
    reported = [bought.plan] if bought.plan else []
    if status in _GIVES_WHAT_IS_REPORTED:
        return _highest((*paid, *reported))
    if is_paid and unpaid_since != record.paid_start:
        return _highest(paid)
    before = _highest(SoldPlan(key, plan.rank) for key, plan in record.paid_plans.items())
    if before and bought.plan and bought.plan.rank > before.rank:
        return before  # the payment for the higher plan is the one that is missing
    return _highest((*paid, *reported))


def _paid_plans(record: SubscriptionRecord, bought: PurchasedItems) -> Iterable[SoldPlan]:
    """Yield the plans paid for in this period.

    If no item is a plan now, what is still there is one that the catalogue no longer names; what is gone
    was given up.
    """
    for key, plan in record.paid_plans.items():
        is_there = not plan.names or not {*plan.names}.isdisjoint(bought.names)
        if bought.plan or is_there:
            yield SoldPlan(key, plan.rank)


def _following_plan(
    record: SubscriptionRecord, best: SoldPlan | None, status: SubscriptionStatus
) -> SoldPlan | None:
    """Return the plan after this period."""
    if record.change and record.change.value.plan:  # until a purchase or renewal settles it
        return record.change.value.plan
    plan = record.bought.value.plan if record.bought else None
    is_unpaid = status not in _GIVES_WHAT_IS_REPORTED
    return None if is_unpaid and plan and best and plan.rank > best.rank else plan


def _grace_end(record: SubscriptionRecord) -> datetime | None:
    grace, period = record.grace_end, record.period
    is_of_period = grace and period and _is_of_same_transaction(grace, period)
    return grace.value if grace and is_of_period else None


def _is_after(later: Period, period: Period) -> bool:
    return period.end is not None and later.start >= period.end


def _highest(plans: Iterable[SoldPlan]) -> SoldPlan | None:
    return max(plans, key=lambda plan: (plan.rank, plan.id), default=None)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((each for each in instants if each), default=None)
