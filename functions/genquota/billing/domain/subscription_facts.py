"""Facts reported of one subscription, normalised over all payment providers."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Self

from genquota.billing.domain.lww_registers import EARLIEST, LATEST
from genquota.domain.enums import SubscriptionStatus
from genquota.domain.records import dataclass


class SoldPlan(NamedTuple):
    """The plan that a product stands for, with its rank in the catalogue then."""

    id: str
    rank: int


class PlanItem(NamedTuple):
    """One item of a subscription or line of an invoice, before it is known whether it is a plan's."""

    names: tuple[str, ...]
    """The provider's ids of what was bought, the most exact first (price, then product)."""
    start: datetime
    end: datetime | None
    """None: never."""


class Period(NamedTuple):
    """A period of a provider; `end` None: it never ends."""

    start: datetime
    end: datetime | None


class PurchasedItems(NamedTuple):
    """What a subscription consists of."""

    names: tuple[str, ...]
    """The provider's ids of all its items."""
    plan: SoldPlan | None = None
    """The plan of highest rank among them; None: the catalogue knows none."""
    plan_names: tuple[str, ...] = ()
    """The provider's ids of the item that is this plan."""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The state of a subscription, as its provider says."""

    status: SubscriptionStatus
    provider_status: str
    """In the provider's own word."""
    unpaid_since: datetime | None = None
    ended_at: datetime | None = None
    """It was ended then, before its period was over."""


class Trial(NamedTuple):
    """When a trial begins and ends."""

    start: datetime | None
    end: datetime | None


class Cancellation(NamedTuple):
    """Whether it will be renewed, and an end that was set apart from the period's."""

    renews: bool
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """Whether a period of a subscription was paid."""

    is_paid: bool
    period: Period


class ScheduledChange(NamedTuple):
    """What the provider says of the plan after this period. Without a plan: that it stays."""

    names: tuple[str, ...] = ()
    plan: SoldPlan | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionUpdate:
    """What an event says of one subscription. None: nothing of that."""

    id: str
    status: StatusReport | None = None
    items: tuple[PlanItem, ...] = ()
    """What it consists of; `with_sold_plans` turns them into `bought` and `period`."""
    bought: PurchasedItems | None = None
    period: Period | None = None
    anchor: datetime | None = None
    trial: Trial | None = None
    grace_end: datetime | None = None
    """Until then access goes on though the renewal was not paid."""
    cancellation: Cancellation | None = None
    change: ScheduledChange | None = None
    invoice_items: tuple[PlanItem, ...] = ()
    """The whole periods that an invoice bills; `with_sold_plans` turns them into `invoice`."""
    invoice_is_paid: bool = False
    invoice: Invoice | None = None
    transaction_at: datetime = EARLIEST
    """See `Version`."""
    is_temporary: bool = False
    """Given for a while until the provider can validate a purchase; any later report replaces it."""
    is_single_purchase: bool = False
    """Sold once and never renewed: it is a subscription only if a plan names the product."""

    @property
    def products(self) -> frozenset[str]:
        """The products that it names and that plans may name."""
        named = [item.names for item in (*self.items, *self.invoice_items)]
        named += [self.change.names] if self.change else []
        named += [self.bought.names] if self.bought else []
        return frozenset(name for names in named for name in names)

    def with_sold_plans(self, plans: Mapping[str, SoldPlan]) -> Self:
        """Return it with what its products are in the catalogue: ``plans``, by product."""
        update = self
        if update.items:
            item, plan = _plan_item(update.items, plans)
            names = tuple(dict.fromkeys(name for each in update.items for name in each.names))
            bought = PurchasedItems(names, plan, item.names if plan else ())
            update = replace(update, bought=bought, period=Period(item.start, item.end))
        if update.change:
            plan = _first(update.change.names, plans)
            update = replace(update, change=update.change._replace(plan=plan))
        if update.invoice_items:
            item, plan = _plan_item(update.invoice_items, plans)
            is_named = any(each.names for each in update.invoice_items)
            if plan or not is_named:
                period = Period(item.start, item.end)
                update = replace(update, invoice=Invoice(update.invoice_is_paid, period))
        return replace(update, items=(), invoice_items=())

    @property
    def extra_names(self) -> frozenset[str]:
        """The names of items that are not the plan, if nothing else says which one is."""
        if not self.items:
            return frozenset()
        main, _ = _plan_item(self.items, {})
        extras = (name for each in self.items if each is not main for name in each.names)
        return frozenset(extras) - {*main.names}


def _plan_item(
    items: tuple[PlanItem, ...], plans: Mapping[str, SoldPlan]
) -> tuple[PlanItem, SoldPlan | None]:
    """Return the item that is the plan: of several the highest, then the one that ends last.

    If none is known to be one, it is the newest, and of those that begin together the shortest: an item
    that is no plan must not lengthen what is.
    """
    known = [(each, plan) for each in items if (plan := _first(each.names, plans))]
    if known:
        return max(known, key=lambda found: (found[1].rank, found[1].id, _end(found[0])))
    newest = max(each.start for each in items)
    return min((each for each in items if each.start == newest), key=_end), None


def _end(item: PlanItem) -> datetime:
    return item.end or LATEST


def _first(names: Iterable[str], plans: Mapping[str, SoldPlan]) -> SoldPlan | None:
    """Return the plan that the most exact of an item's names stands for."""
    return next((plans[name] for name in names if name in plans), None)
