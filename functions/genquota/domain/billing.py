"""What a subscription is, after whatever was heard of it, in whatever order.

A record is a set of registers, each of which keeps its newest news, and one fact that only grows: which
plans were active in the newest paid period. Both are the same whichever news came first, doubled or not,
and all else is worked out from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from genquota.domain.provider_news import (
    EARLIEST,
    Announcement,
    Invoice,
    Provider,
    ProviderEvent,
    Register,
    SoldPlan,
    Stamp,
    Standing,
    newer,
    told,
)
from genquota.domain.words import SubscriptionStatus

_RUNS = frozenset(
    {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE}
)


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """All that is known of one subscription."""

    id: str
    provider: Provider
    standing: Register[Standing] | None = None
    renews: Register[bool] | None = None
    announcement: Register[Announcement] | None = None
    invoice: Register[Invoice] | None = None
    holder: Register[str] | None = None
    """The provider's customer."""
    paid_start: datetime | None = None
    """Start of the newest period that was active."""
    paid_plans: Mapping[str, int] = field(default_factory=dict)
    """The plans seen active in it, with their ranks."""

    @property
    def updated_at(self) -> datetime:
        """The provider's time of the newest news."""
        known = (self.standing, self.renews, self.announcement, self.invoice, self.holder)
        return max(register.stamp.at for register in known if register)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a subscription comes to."""

    status: SubscriptionStatus
    plan_id: str | None
    """Until the period's end. None: what was bought stands in no plan."""
    next_plan_id: str | None
    """From then on, if another."""
    anchor: datetime
    period_start: datetime
    period_end: datetime | None
    cancel_at_period_end: bool
    unpaid_since: datetime | None
    trial_start: datetime | None
    trial_end: datetime | None


def reduce(record: SubscriptionRecord | None, event: ProviderEvent) -> SubscriptionRecord | None:
    """Take in what an event says of a subscription; one that speaks of none changes nothing."""
    news = event.subscription
    if news is None:
        return record
    kept = record or SubscriptionRecord(news.id, event.provider)
    stamp = event.stamp

    kept = replace(
        kept,
        standing=_newer_standing(kept, told(news.standing, stamp)),
        renews=newer(kept.renews, told(news.renews, stamp)),
        announcement=newer(kept.announcement, told(news.announcement, stamp)),
        invoice=_newer_invoice(kept.invoice, told(news.invoice, stamp)),
        holder=newer(kept.holder, told(event.customer_id, stamp)),
    )
    return _with_paid_plan(kept, news.standing)


def entitlement(record: SubscriptionRecord) -> Entitlement | None:
    """Work out what a subscription comes to; None until its provider has said how it stands."""
    if record.standing is None:
        return None
    standing = record.standing.value
    status, unpaid_since = _status(record.standing, record.invoice)
    start, end = standing.period_start, standing.period_end
    best = _best_plan(record, standing)
    following = standing.plan
    announced = record.announcement
    if announced and announced.value.plan:  # until a purchase or renewal settles it
        following = announced.value.plan
    invoice = record.invoice.value if record.invoice else None
    if status in _RUNS and invoice and invoice.is_paid and end and invoice.period_start >= end:
        # The renewal was paid, and how the subscription stands since then was not heard yet.
        start, end, best = invoice.period_start, invoice.period_end, following
    return Entitlement(
        status=status,
        plan_id=best.id if best else None,
        next_plan_id=following.id if following and best and following.id != best.id else None,
        anchor=standing.anchor,
        period_start=start,
        period_end=end,
        cancel_at_period_end=record.renews is not None and not record.renews.value,
        unpaid_since=unpaid_since,
        trial_start=standing.trial_start,
        trial_end=standing.trial_end,
    )


def is_tied(record: SubscriptionRecord | None, event: ProviderEvent) -> bool:
    """Tell whether another event of the same instant has said how the subscription stands.

    Where one of them says that it is incomplete, their order is known.
    """
    news = event.subscription
    if record is None or record.standing is None or news is None or news.standing is None:
        return False
    kept: Stamp = record.standing.stamp
    if SubscriptionStatus.INCOMPLETE in (record.standing.value.status, news.standing.status):
        return False
    return kept.at == event.at and kept.event_id != event.stamp.event_id


def _newer_standing(
    record: SubscriptionRecord, news: Register[Standing] | None
) -> Register[Standing] | None:
    """Return the standing that counts.

    A subscription begins incomplete and never is so again: of one instant, that was before all else.
    RevenueCat's events speak of one transaction each: what becomes of an old one, such as its refund,
    says nothing of the period that was bought since.
    """
    kept = record.standing
    if kept is None or news is None:
        return news or kept
    goes_by_period = record.provider is Provider.REVENUECAT

    def order(register: Register[Standing]) -> tuple[datetime, datetime, bool, str]:
        period = register.value.period_start if goes_by_period else EARLIEST.at
        is_begun = register.value.status is not SubscriptionStatus.INCOMPLETE
        return period, register.stamp.at, is_begun, register.stamp.event_id

    return max(news, kept, key=order)  # the same event told again replaces itself


def _newer_invoice(
    kept: Register[Invoice] | None, news: Register[Invoice] | None
) -> Register[Invoice] | None:
    """An old invoice that is paid late says nothing of the period after it."""
    if kept is None or news is None:
        return news or kept

    def order(register: Register[Invoice]) -> tuple[datetime, Stamp]:
        return register.value.period_start, register.stamp

    return max(kept, news, key=order)


def _with_paid_plan(record: SubscriptionRecord, standing: Standing | None) -> SubscriptionRecord:
    if standing is None or standing.plan is None:
        return record
    if standing.status is not SubscriptionStatus.ACTIVE:
        return record
    start, plan = standing.period_start, standing.plan
    if record.paid_start is not None and start < record.paid_start:
        return record
    known = record.paid_plans if start == record.paid_start else {}
    rank = max(plan.rank, known.get(plan.id, plan.rank))
    return replace(record, paid_start=start, paid_plans={**known, plan.id: rank})


def _best_plan(record: SubscriptionRecord, standing: Standing) -> SoldPlan | None:
    """Return the highest plan that was paid for in this period: a downgrade waits for its end."""
    plans = [standing.plan] if standing.plan else []
    if record.paid_start == standing.period_start:
        plans += [SoldPlan(plan_id, rank) for plan_id, rank in record.paid_plans.items()]
    return max(plans, key=lambda plan: (plan.rank, plan.id), default=None)


def _status(
    standing: Register[Standing], invoice: Register[Invoice] | None
) -> tuple[SubscriptionStatus, datetime | None]:
    """Return the status, and since when the period is unpaid. An invoice may know better."""
    said = standing.value
    if invoice is None or invoice.value.period_start < said.period_start:
        return said.status, said.unpaid_since
    is_paid, is_newer = invoice.value.is_paid, invoice.stamp >= standing.stamp
    if is_paid and said.status is SubscriptionStatus.INCOMPLETE:
        return SubscriptionStatus.ACTIVE, None  # it only waited for this
    if is_newer and is_paid and said.status is SubscriptionStatus.PAST_DUE:
        return SubscriptionStatus.ACTIVE, None
    if is_newer and not is_paid and said.status is SubscriptionStatus.ACTIVE:
        return SubscriptionStatus.PAST_DUE, invoice.value.period_start
    return said.status, said.unpaid_since
