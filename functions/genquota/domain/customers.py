"""Which user a provider's customer is, and to whom what a customer bought belongs.

A customer is known once some event, or an operator, has said which user they are; what is reported of an
unknown customer waits. A transfer moves all that a customer had until then to another customer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from genquota.domain.lww_registers import LwwRegister, Version
from genquota.domain.provider_events import NamedBy, Naming, ProviderEvent

_MOST_NAMINGS = 16
"""Of one customer. Beyond, those between two that say the same are forgotten."""

Users = tuple[LwwRegister[Naming], ...]


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """What is known of one customer of a provider."""

    id: str
    by_hand: str | None = None
    """The user as an operator wrote it into the document; it counts more than any event."""
    users: Users = ()
    """Who events said the user is, oldest first."""
    moves: tuple[LwwRegister[str], ...] = ()
    """The customers that everything went to, oldest first."""
    subscriptions: frozenset[str] = frozenset()
    """Ids of those that are, or once were, theirs."""
    payments: frozenset[str] = frozenset()
    """Ids of those that are, or once were, theirs."""
    receipts: frozenset[str] = frozenset()
    """Events that wait for nothing but that the user is known."""

    @property
    def user_id(self) -> str | None:
        """The user now."""
        return self.by_hand or (self.users[-1].value.user_id if self.users else None)

    def user_at(self, version: Version) -> str | None:
        """Return whose what was bought then is: the user as known then, else the first known since."""
        if self.by_hand or not self.users:
            return self.by_hand
        before = [each for each in self.users if each.version <= version]
        return (before[-1] if before else self.users[0]).value.user_id


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
    """Take in what an event says of a customer: which user they are, and where all that they had went."""
    if event.naming and _is_news(customer, event):
        users = _with_naming(customer.users, LwwRegister(event.naming, event.version))
        customer = replace(customer, users=users)
    if event.transfer and customer.id in event.transfer.from_ids:
        move = LwwRegister(event.transfer.to_id, event.version)
        moves = sorted({*customer.moves, move}, key=lambda each: each.version)
        customer = replace(customer, moves=tuple(moves))
    return customer


def _is_news(customer: CustomerRecord, event: ProviderEvent) -> bool:
    """Tell whether an event names the customer.

    Who an id is that is a uid or an alias is said again and again, and needs no write.
    """
    if event.named_by is NamedBy.OPERATOR and customer.user_id:
        return False  # said of this one event; the customer is who they are
    if customer.id == event.customer_id and customer.id != event.user_id:
        return True
    is_meant = customer.id == event.customer_id or customer.id in event.aliases
    return is_meant and {each.value.user_id for each in customer.users} != {event.user_id}


def naming_order(register: LwwRegister[Naming]) -> tuple[NamedBy, Version]:
    """Return what decides between namings of one thing: what named it, then the version."""
    return register.value.by, register.version


def owner_of_subscription(ownership: Ownership, customers: Mapping[str, CustomerRecord]) -> Owner:
    """Return whose a subscription is: it follows its customer, whoever that comes to be."""
    return _owner(ownership, customers, as_of_purchase=False)


def owner_of_payment(ownership: Ownership, customers: Mapping[str, CustomerRecord]) -> Owner:
    """Return whose a payment is: the user that its customer was when it was made."""
    return _owner(ownership, customers, as_of_purchase=True)


def _owner(
    ownership: Ownership, customers: Mapping[str, CustomerRecord], *, as_of_purchase: bool
) -> Owner:
    """Decide by an operator's word, else the thing's own naming, else its customer.

    If a customer is not among ``customers``, the chain of transfers ends with them.
    """
    naming = ownership.naming.value if ownership.naming else None
    if ownership.customer is None:
        return Owner(naming.user_id if naming else None)
    chain = transfer_chain(ownership.customer, customers)
    ids = tuple(register.value for register in chain)
    last = customers.get(ids[-1])
    if naming and naming.by is NamedBy.OPERATOR and len(ids) == 1:
        return Owner(naming.user_id, ids)
    if last and last.by_hand:
        return Owner(last.by_hand, ids)
    if naming and len(ids) == 1:  # not transferred since
        return Owner(naming.user_id, ids)
    if last is None:
        return Owner(None, ids)
    return Owner(last.user_at(chain[-1].version) if as_of_purchase else last.user_id, ids)


def transfer_chain(
    customer: LwwRegister[str], customers: Mapping[str, CustomerRecord]
) -> list[LwwRegister[str]]:
    """Follow what a customer had at a version through all later transfers; the last has it now."""
    chain = [customer]
    while True:
        record = customers.get(chain[-1].value)
        moves = record.moves if record else ()
        move = next((each for each in moves if each.version > chain[-1].version), None)
        if move is None:
            return chain
        chain.append(move)


def _with_naming(users: Users, naming: LwwRegister[Naming]) -> Users:
    if naming in users:
        return users
    ordered = sorted((*users, naming), key=_time_order)
    return tuple(ordered) if len(ordered) <= _MOST_NAMINGS else tuple(_without_repeats(ordered))


def _time_order(register: LwwRegister[Naming]) -> tuple[Version, NamedBy]:
    """Of one second, metadata counts more than what came with a link."""
    version = register.version
    return version._replace(precedence=register.value.by), register.value.by


def _without_repeats(users: list[LwwRegister[Naming]]) -> Iterable[LwwRegister[Naming]]:
    """Give the first and last of each run that names one user."""
    for index, each in enumerate(users):
        neighbours = users[max(0, index - 1) : index + 2]
        is_edge = index in (0, len(users) - 1)
        if is_edge or any(other.value.user_id != each.value.user_id for other in neighbours):
            yield each
