"""Which user a provider's customer is, and to whom a subscription belongs.

A customer is known once some event, or an operator, has said which user they are. What was heard of an
unknown customer waits in their record. A transfer moves all that a customer had until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from genquota.domain.provider_news import ProviderEvent, Register, Stamp, newer


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """What is known of one customer of a provider."""

    id: str
    user: Register[str] | None = None
    moves: tuple[Register[str], ...] = ()
    """The customers that everything went to, oldest first."""
    subscriptions: frozenset[str] = frozenset()
    """Ids of those that are, or once were, theirs."""
    payments: frozenset[str] = frozenset()
    receipts: frozenset[str] = frozenset()
    """Events that wait until the user is known."""

    @property
    def user_id(self) -> str | None:
        return self.user.value if self.user else None


def hear(customer: CustomerRecord, event: ProviderEvent) -> CustomerRecord:
    """Take in what an event says of a customer: who they are, and where all that they had went."""
    is_themself = customer.user_id == customer.id == event.user_id  # always was, always will be
    if event.customer_id == customer.id and event.user_id and not is_themself:
        customer = replace(
            customer, user=newer(customer.user, Register(event.user_id, event.stamp))
        )
    if event.transfer and customer.id in event.transfer.from_ids:
        move = Register(event.transfer.to_id, event.stamp)
        moves = sorted({*customer.moves, move}, key=lambda each: each.stamp)
        customer = replace(customer, moves=tuple(moves))
    return customer


def line_of_holders(
    holder: Register[str], customers: Mapping[str, CustomerRecord]
) -> tuple[list[str], str | None]:
    """Follow a subscription from the customer that it was last heard of, through all later transfers.

    Returns:
        The ids of the customers, the last of whom has it now, and their user if known. If a customer
        is not among ``customers``, the line ends with them.
    """
    line, customer_id, stamp = [holder.value], holder.value, holder.stamp
    while True:
        record = customers.get(customer_id)
        move = _next_move(record, stamp) if record else None
        if move is None:
            return line, record.user_id if record else None
        customer_id, stamp = move.value, move.stamp
        line.append(customer_id)


def _next_move(customer: CustomerRecord, after: Stamp) -> Register[str] | None:
    return next((move for move in customer.moves if move.stamp > after), None)
