"""Customers of a provider: which user each is, and who owns what a customer bought.

A customer is known once some event, or an operator, has said which user they are; what is reported of an
unknown customer waits. Aliases are customers who are one person, each since that was first said. A
transfer moves all that a person had until then to another customer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from genquota.billing.domain.aliases import Aliases, aliases_in, with_alias
from genquota.billing.domain.lww_registers import EARLIEST, LwwRegister, Version
from genquota.billing.domain.namings import (
    Namings,
    certain_namings,
    naming_at,
    namings_in_order,
    of_alias,
    with_naming,
)
from genquota.billing.domain.provider_events import NamedBy, Naming, ProviderEvent
from genquota.domain.records import dataclass

ALWAYS = Version(EARLIEST, EARLIEST, 0, "")
"""Before all events."""


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """What is known of one customer of a provider."""

    id: str
    by_hand: str | None = None
    """The user as an operator wrote it into the document; it counts more than any event."""
    users: Namings = ()
    """Who events said the user is."""
    moves: tuple[LwwRegister[str], ...] = ()
    """The customers that everything went to, oldest first."""
    aliases: Aliases = ()
    """Customers who are the same person, each since it was first said, oldest first."""
    subscriptions: frozenset[str] = frozenset()
    """Ids of those that are, or once were, theirs."""
    payments: frozenset[str] = frozenset()
    """Ids of those that are, or once were, theirs."""
    receipts: frozenset[str] = frozenset()
    """Events that wait for nothing but that the user is known."""

    @property
    def namings(self) -> Namings:
        """What says who the user is, as far as it counts."""
        if self.by_hand:
            return (LwwRegister(Naming(self.by_hand, NamedBy.OPERATOR), ALWAYS),)
        namings = certain_namings(self.users)
        return of_alias(namings, self.id) if self.aliases else namings

    @property
    def user_id(self) -> str | None:
        """The user now."""
        return self.namings[-1].value.user_id if self.namings else None

    @property
    def is_user(self) -> bool:
        """Whether its id is the user's."""
        return self.user_id == self.id


Customers = Mapping[str, CustomerRecord]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose something is now, and which customers had it in turn."""

    user_id: str | None
    customers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ownership:
    """What decides whose a subscription or payment is."""

    customer: LwwRegister[str] | None = None
    """The provider's customer."""
    naming: LwwRegister[Naming] | None = None
    """The user that something named for this very thing."""


def apply_event_to_customer(customer: CustomerRecord, event: ProviderEvent) -> CustomerRecord:
    """Apply what an event says: which user they are, who is the same person, where all they had went."""
    naming = _naming_for(customer, event)
    if naming and _is_new_information(customer, event, naming):
        users = with_naming(customer.users, LwwRegister(naming, event.version))
        customer = replace(customer, users=users)
    for alias in aliases_in(event, customer.id):
        aliases = with_alias(customer.aliases, LwwRegister(alias, event.version))
        customer = replace(customer, aliases=aliases)
    if event.transfer and customer.id in event.transfer.from_ids:
        move = LwwRegister(event.transfer.to_id, event.version)
        moves = sorted({*customer.moves, move}, key=lambda each: each.version)
        customer = replace(customer, moves=tuple(moves))
    return customer


def owner_of_subscription(ownership: Ownership, customers: Customers) -> Owner:
    """Return whose a subscription is: it follows its customer, whoever that comes to be."""
    return _owner(ownership, customers, as_of_purchase=False)


def owner_of_payment(ownership: Ownership, customers: Customers) -> Owner:
    """Return whose a payment is: the user that its customer was when it was made."""
    return _owner(ownership, customers, as_of_purchase=True)


def person_of_customer(name: str, customers: Customers) -> dict[str, Version]:
    """Return the customers who are the same person as one of ``customers``, each since when.

    Who is a user in their own right is no other's alias, and an alias has one user.
    """
    since, left = {name: ALWAYS}, [name]
    user_id = customers[name].user_id
    while left:
        at = left.pop()
        for alias in customers[at].aliases:
            other, version = customers.get(alias.value), max(alias.version, since[at])
            if other is None or other.is_user or since.get(other.id, version) < version:
                continue
            is_free = user_id is None or other.user_id in (None, user_id)
            if is_free and since.get(other.id) != version:
                since[other.id] = version
                left.append(other.id)
    return since


def _owner(ownership: Ownership, customers: Customers, *, as_of_purchase: bool) -> Owner:
    """Decide by an operator's word, else the thing's own naming, else its customer.

    What went to somebody who is not among ``customers`` is followed no further.
    """
    naming = ownership.naming.value if ownership.naming else None
    if ownership.customer is None:
        return Owner(naming.user_id if naming else None)
    chain = _transfer_chain(ownership.customer, customers, as_of_purchase=as_of_purchase)
    if naming and naming.by is NamedBy.OPERATOR and not chain.is_transferred:
        return Owner(naming.user_id, chain.customers)
    last = customers.get(chain.customers[-1])
    if last and last.by_hand:
        return Owner(last.by_hand, chain.customers)
    if naming and not chain.is_transferred:
        return Owner(naming.user_id, chain.customers)
    return Owner(chain.user_id, chain.customers)


@dataclass(frozen=True, slots=True)
class _TransferChain:
    """The customers who had something in turn, by transfers, and the user of the last one."""

    customers: tuple[str, ...]
    user_id: str | None
    """Who the last of them is."""
    is_transferred: bool
    """Whether another person has it now."""


def _transfer_chain(
    start: LwwRegister[str], customers: Customers, *, as_of_purchase: bool
) -> _TransferChain:
    """Follow what a customer had at a version: to the user of whom they are an alias, and as it moved."""
    chain, names, is_transferred = [start.value], {start.value}, False
    at = start
    while True:
        person = person_of_customer(at.value, customers) if at.value in customers else {}
        naming = _naming(person, at, customers, as_of_purchase=as_of_purchase)
        user_id = naming.value.user_id if naming else None
        is_alias = user_id not in names and _is_linked(user_id, person, customers)
        joined_at = max(at.version, naming.version) if naming else at.version
        move = min(_moves(person, at, customers), key=lambda each: each.version, default=None)
        if move and not (is_alias and joined_at <= move.version):
            at, names, is_transferred = move, {move.value}, True
        elif user_id and is_alias:
            at = LwwRegister(user_id, joined_at)
            names.add(user_id)
        else:
            return _TransferChain(tuple(chain), user_id, is_transferred)
        chain.append(at.value)


def _naming(
    person: Mapping[str, Version],
    at: LwwRegister[str],
    customers: Customers,
    *,
    as_of_purchase: bool,
) -> LwwRegister[Naming] | None:
    """Return what says who has what a customer had: of themselves, else of one who is the same person."""
    namings = customers[at.value].namings if person else ()
    namings = namings or namings_in_order(
        replace(each, version=max(each.version, since))
        for name, since in person.items()
        for each in customers[name].namings
    )
    if as_of_purchase:
        return naming_at(namings, at.version)
    return namings[-1] if namings else None


def _is_linked(user_id: str | None, person: Iterable[str], customers: Customers) -> bool:
    return any(alias.value == user_id for name in person for alias in customers[name].aliases)


def _moves(
    person: Mapping[str, Version], at: LwwRegister[str], customers: Customers
) -> Iterator[LwwRegister[str]]:
    """Yield the moves of a person since something was theirs, to others than themselves."""
    for name, since in person.items():
        for move in customers[name].moves:
            if move.version > max(at.version, since) and move.value not in person:
                yield move


def _naming_for(customer: CustomerRecord, event: ProviderEvent) -> Naming | None:
    """Return who an event says a customer is.

    The only one of its ids that may be a uid is a guess no more: the others are certainly that user, and
    of itself it says nothing.
    """
    naming = event.naming
    if naming and naming.by is NamedBy.GUESS and len(event.candidates) == 1:
        is_itself = naming.user_id == customer.id
        return naming._replace(by=NamedBy.ITSELF if is_itself else NamedBy.OWN)
    return naming


def _is_new_information(customer: CustomerRecord, event: ProviderEvent, naming: Naming) -> bool:
    """Return whether an event says anew who the customer is.

    Who an id is that is a uid or an alias is said again and again, and needs no write.
    """
    if naming.by is NamedBy.OPERATOR and customer.user_id:
        return False  # said of this one event; the customer is who they are
    if customer.id == event.customer_id and customer.id != naming.user_id:
        return True
    if customer.id != event.customer_id and customer.id not in event.aliases:
        return False
    if naming.by is NamedBy.GUESS:
        return not any(each.value.by > NamedBy.GUESS for each in customer.users)
    same = [each for each in customer.users if each.value.user_id == naming.user_id]
    is_known = any(each.value.by >= naming.by and each.version <= event.version for each in same)
    return not is_known or len(same) < len(customer.users)
