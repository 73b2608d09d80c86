"""What payment providers report, in one language, whoever reports it.

A provider's event may come twice, late, and in any order. So nothing in it is an instruction: it is news
of how something stood at an instant, and `Stamp` says which of two pieces of news is the newer one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, NamedTuple, Self, TypeVar

from genquota.domain.words import SubscriptionStatus

T = TypeVar("T")


class Provider(StrEnum):
    """Who sold it. `manual`: an operator did."""

    STRIPE = "stripe"
    REVENUECAT = "revenuecat"
    MANUAL = "manual"


class Stamp(NamedTuple):
    """The order of events: the provider's event time, then the event's id."""

    at: datetime
    event_id: str


EARLIEST = Stamp(datetime.min.replace(tzinfo=UTC), "")
"""Any event is newer."""

BY_HAND = Stamp(datetime.max.replace(tzinfo=UTC), "")
"""Of what somebody wrote into a document: no event is newer."""


@dataclass(frozen=True, slots=True)
class Register(Generic[T]):
    """A piece of news with its stamp. Of two, the newer one stays, whichever came first."""

    value: T
    stamp: Stamp


def told(value: T | None, stamp: Stamp) -> Register[T] | None:
    """Return what an event says, with its stamp; None if it says nothing."""
    return None if value is None else Register(value, stamp)


def newer(kept: Register[T] | None, news: Register[T] | None) -> Register[T] | None:
    """Return the newer of two. The same event told again replaces itself."""
    if kept is None or news is None:
        return news or kept
    return news if news.stamp >= kept.stamp else kept


Products = tuple[tuple[str, ...], ...]
"""What was bought, by the provider's ids: the most exact names first (price, then product). Names that
stand together were bought together."""


class SoldPlan(NamedTuple):
    """The plan that a product stands for, with its rank in the catalogue then."""

    id: str
    rank: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands, as its provider says."""

    status: SubscriptionStatus
    provider_status: str
    """In the provider's own word."""
    products: Products
    period_start: datetime
    period_end: datetime | None
    """When access ends unless it is renewed; None: never."""
    anchor: datetime
    unpaid_since: datetime | None = None
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    plan: SoldPlan | None = None
    """What the catalogue says of `products`; None: nothing."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """Whether a period of a subscription was paid."""

    is_paid: bool
    period_start: datetime
    period_end: datetime


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the provider says of the plan after this period. None: that it stays."""

    products: Products = ()
    plan: SoldPlan | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionNews:
    """What an event says of one subscription. None: nothing of that."""

    id: str
    standing: Standing | None = None
    renews: bool | None = None
    announcement: Announcement | None = None
    invoice: Invoice | None = None


class Item(NamedTuple):
    """So many of something that is sold once, by the provider's ids, the most exact first."""

    names: tuple[str, ...]
    quantity: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """A payment for credits."""

    payment_id: str
    items: tuple[Item, ...] = ()
    pack_id: str | None = None
    """The pack itself, if the shop named it; then `items` do not matter."""


@dataclass(frozen=True, slots=True)
class Refund:
    """How much of a payment was given back so far: `returned` of `paid`, in any unit."""

    payment_id: str
    returned: int
    paid: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """Whether a payment is disputed, or was and was lost."""

    payment_id: str
    is_held_back: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """All that the customers had goes to another one."""

    from_ids: tuple[str, ...]
    to_id: str


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One event of a provider. One that says nothing to us leaves only its receipt."""

    provider: Provider
    id: str
    type: str
    """In the provider's own word."""
    at: datetime
    """By the provider's clock."""
    customer_id: str | None = None
    """In the provider's own name."""
    user_id: str | None = None
    """The uid that the customer belongs to, if the event says so."""
    subscription: SubscriptionNews | None = None
    purchase: Purchase | None = None
    refund: Refund | None = None
    dispute: Dispute | None = None
    transfer: Transfer | None = None
    tie_break: str = ""
    """Puts what was asked of the provider afterwards behind all events of the same instant."""

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.at, self.tie_break + self.id)

    @property
    def says_something(self) -> bool:
        """Whether it says anything that matters here."""
        news = (self.user_id, self.subscription, self.payment_id, self.transfer, self.customer_id)
        return any(news)

    @property
    def payment_id(self) -> str | None:
        """The payment that it speaks of."""
        news = self.purchase or self.refund or self.dispute
        return news.payment_id if news else None

    @property
    def products(self) -> frozenset[str]:
        """The products of plans that it names."""
        news = self.subscription
        if news is None:
            return frozenset()
        said = news.standing.products if news.standing else ()
        announced = news.announcement.products if news.announcement else ()
        return frozenset(name for names in (*said, *announced) for name in names)

    def priced(self, plans: Mapping[str, SoldPlan]) -> Self:
        """Return it with the plans that its products stand for, by product."""
        news = self.subscription
        if news is None:
            return self
        standing, announcement = news.standing, news.announcement
        if standing:
            standing = replace(standing, plan=_plan_of(standing.products, plans))
        if announcement:
            announcement = replace(announcement, plan=_plan_of(announcement.products, plans))
        return replace(
            self, subscription=replace(news, standing=standing, announcement=announcement)
        )


def _plan_of(products: Products, plans: Mapping[str, SoldPlan]) -> SoldPlan | None:
    """Return the highest of the plans that were bought together, by the most exact names."""
    for names in products:
        found = [plans[name] for name in names if name in plans]
        if found:
            return max(found, key=lambda plan: (plan.rank, plan.id))
    return None
