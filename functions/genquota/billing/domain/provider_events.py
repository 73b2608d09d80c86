"""Events of payment providers, normalised.

A provider's event may be received twice, late, and in any order. So nothing in it is an instruction: it
is a set of facts, each with the version of its event. A fact that an event does not name stays as it is.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple, Self

from genquota.billing.domain.lww_registers import EARLIEST, Version
from genquota.billing.domain.provider_traits import TRAITS
from genquota.billing.domain.subscription_facts import SoldPlan, SubscriptionUpdate
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.records import dataclass

TEMPORARY = "temporary_"
"""Begins the id of a subscription that a provider gives until it can validate a purchase."""


class NamedBy(IntEnum):
    """What named a user; the greater counts more, whenever it was said."""

    ITSELF = -1
    """The customer's own id may be a uid, and nothing else was said."""
    GUESS = 0
    """One of several ids that may be uids, of which none is a known user's."""
    CLIENT_REFERENCE = 1
    """A checkout's `client_reference_id`, which whoever follows a payment link may choose."""
    CHECKOUT = 2
    """A checkout's metadata, which only the shop's server can write."""
    OWN = 3
    """The subscription's own metadata."""
    OPERATOR = 4


class Naming(NamedTuple):
    """Whose something is, and what said so."""

    user_id: str
    by: NamedBy


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
    """The pack, if the shop named it."""
    must_be_known: bool = True
    """Whether it is certain that something was sold once, so that not to know of what is a problem."""
    amount: int | None = None
    """What was paid, in any unit."""


@dataclass(frozen=True, slots=True)
class Charge:
    """How much of a payment was given back so far: `returned` of `paid`, in any unit."""

    payment_id: str
    returned: int
    paid: int


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of a payment, and whether it is owed: one that failed or was cancelled is not."""

    payment_id: str
    id: str
    amount: int
    is_owed: bool
    created_at: datetime
    failed_at: datetime | None = None
    """When it was first reported as not owed, whatever was reported of it since."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """Whether a payment is disputed, or was and was lost."""

    payment_id: str
    is_held_back: bool
    id: str = ""


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
    named_by: NamedBy = NamedBy.OWN
    candidates: tuple[str, ...] = ()
    """Ids of which one is the user: a known one, else the first. Then `user_id` is the one chosen."""
    aliases: tuple[str, ...] = ()
    """Further customers who are the same person."""
    subscription: SubscriptionUpdate | None = None
    purchase: Purchase | None = None
    charge: Charge | None = None
    refund: Refund | None = None
    dispute: Dispute | None = None
    transfer: Transfer | None = None
    tie_break: str = ""
    """Puts what was asked of the provider afterwards behind all events of the same instant."""

    @property
    def version(self) -> Version:
        """The event's place among those of its customer."""
        return Version(EARLIEST, self.at, self._precedence, self.tie_break + self.id)

    @property
    def fact_version(self) -> Version:
        """The place of what it says of its subscription."""
        update = self.subscription
        return self.version._replace(transaction_at=update.transaction_at if update else EARLIEST)

    @property
    def naming(self) -> Naming | None:
        return Naming(self.user_id, self.named_by) if self.user_id else None

    @property
    def own_naming(self) -> Naming | None:
        """The user that it names for its subscription or payment, and not for the customer.

        None where events of the provider name customers only.
        """
        names_sale = TRAITS[self.provider].names_user_of_sale
        return self.naming if names_sale or self.named_by is NamedBy.OPERATOR else None

    @property
    def is_meaningful(self) -> bool:
        """Whether it says anything that matters here."""
        facts = (self.user_id, self.subscription, self.payment_id, self.transfer, self.customer_id)
        return any(facts)

    @property
    def payment_id(self) -> str | None:
        """The payment that it speaks of."""
        fact = self.purchase or self.charge or self.refund or self.dispute
        return fact.payment_id if fact else None

    @property
    def products(self) -> frozenset[str]:
        """The products that it names and that plans may name."""
        return self.subscription.products if self.subscription else frozenset()

    def with_sold_plans(self, plans: Mapping[str, SoldPlan]) -> Self:
        """Return it with what its products are in the catalogue: ``plans``, by product."""
        update = self.subscription
        return replace(self, subscription=update.with_sold_plans(plans)) if update else self

    @property
    def _precedence(self) -> int:
        """A subscription begins incomplete and never is so again: that was before all else."""
        status = self.subscription.status if self.subscription else None
        return 0 if status and status.status is SubscriptionStatus.INCOMPLETE else 1
