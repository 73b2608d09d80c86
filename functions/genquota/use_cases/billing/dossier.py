"""All documents that an event of a provider touches, read until none is missing.

Which ones those are shows on reading: the subscription names its customer, the customer their user, and
a customer who becomes known brings along all that waited for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from genquota.domain.billing import SubscriptionRecord, reduce
from genquota.domain.customers import CustomerRecord, hear, line_of_holders
from genquota.domain.provider_news import EARLIEST, ProviderEvent, Register
from genquota.domain.purchases import Pack, PaymentRecord, reduce_payment
from genquota.store.billing_documents import (
    customer_path,
    payment_path,
    read_customer,
    read_payment,
    read_subscription_record,
)
from genquota.store.bought_grants import is_taken_back_by_operator
from genquota.store.catalogue import pack_path, read_pack
from genquota.store.grant_document import grant_path
from genquota.store.receipts import is_final, receipt_path
from genquota.store.subscription_document import subscription_path
from genquota.store.transaction import Snapshot, Transaction
from genquota.store.user_document import UserDocument, read_user, user_path
from genquota.use_cases.context import Context
from genquota.use_cases.present import Found


@dataclass(frozen=True, slots=True)
class SubscriptionCase:
    """A subscription before and after the event."""

    seen: Snapshot
    before: SubscriptionRecord | None
    user_before: str | None
    after: SubscriptionRecord
    user_after: str | None
    line: tuple[str, ...]
    """The customers who had it in turn."""

    @property
    def is_changed(self) -> bool:
        return self.after != self.before or self.user_after != self.user_before


@dataclass(frozen=True, slots=True)
class PaymentCase:
    """A payment before and after the event."""

    seen: Snapshot
    before: PaymentRecord | None
    after: PaymentRecord

    @property
    def is_given(self) -> bool:
        """Whether its grants were given before."""
        return self.before is not None and self.before.user_id is not None

    def grant_paths(self) -> dict[str, str]:
        """Return where the grants stand that were given before, by their ids."""
        uid = self.after.user_id if self.is_given else None
        return {each.id: grant_path(uid, each.id) for each in self.after.grants} if uid else {}


class Dossier:
    """What follows from an event for each document that was read so far."""

    def __init__(self, event: ProviderEvent, sold: Mapping[str, Pack], found: Found) -> None:
        self.event = event
        self.found = found
        self.packs = self._bought(sold)
        known = self._read_customers()
        self.customers_before = {key: before for key, (before, _) in known.items()}
        self.customers = {key: hear(now, event) for key, (_, now) in known.items()}
        subscriptions = {key: self._subscription(key) for key in self._subscription_ids()}
        self.subscriptions = {key: case for key, case in subscriptions.items() if case}
        payments = {key: self._payment(key) for key in self._payment_ids()}
        self.payments = {key: case for key, case in payments.items() if case}

    @property
    def receipt(self) -> Snapshot:
        return self.found[receipt_path(self.event)]

    @property
    def owner(self) -> str | None:
        """The user whom the event is about, if they are known."""
        event = self.event
        if event.subscription:
            return self.subscriptions[event.subscription.id].user_after
        if event.payment_id:
            return self.payments[event.payment_id].after.user_id
        return self._user_of(event.customer_id)

    def known_user(self, customer_id: str) -> str | None:
        """Return whose the customer's things are now: theirs, or those that they went to."""
        customer = self.customers[customer_id]
        if not customer.moves:
            return customer.user_id
        return line_of_holders(Register(customer_id, EARLIEST), self.customers)[1]

    def user(self, uid: str) -> UserDocument:
        return read_user(self.found[user_path(uid)])

    def payment_left(self, case: PaymentCase) -> PaymentRecord:
        """Return a payment without the grants that an operator took back: they stay so."""
        gone = {
            grant_id
            for grant_id, path in case.grant_paths().items()
            if is_taken_back_by_operator(self.found[path])
        }
        left = tuple(each for each in case.after.grants if each.id not in gone)
        return replace(case.after, grants=left)

    def changed_customers(self) -> list[CustomerRecord]:
        """Return those of whom the event says who they are, or where all that they had went."""
        return [
            each
            for key, each in self.customers.items()
            if (each.user_id, each.moves)
            != (self.customers_before[key].user_id, self.customers_before[key].moves)
        ]

    def paths(self) -> set[str]:
        """Return all that must be read before what is said here is sure."""
        event, cases = self.event, self.subscriptions.values()
        users = {uid for case in cases for uid in (case.user_before, case.user_after)}
        users |= {case.after.user_id for case in self.payments.values()} | {self.owner}
        customers: set[str | None] = {name for case in cases for name in case.line}
        customers |= {case.after.customer_id for case in self.payments.values()}
        return {
            *first_paths(event),
            *(user_path(uid) for uid in users if uid),
            *(customer_path(event.provider, name) for name in customers if name),
            *(subscription_path(key) for key in self._subscription_ids()),
            *(payment_path(event.provider, key) for key in self._payment_ids()),
            *(path for case in self.payments.values() for path in case.grant_paths().values()),
        }

    def _read_customers(self) -> dict[str, tuple[CustomerRecord, CustomerRecord]]:
        prefix = customer_path(self.event.provider, "")
        named = {
            path.removeprefix(prefix): snapshot
            for path, snapshot in self.found.items()
            if path.startswith(prefix)
        }
        return {name: read_customer(snapshot, name) for name, snapshot in named.items()}

    def _subscription_ids(self) -> set[str]:
        own = {self.event.subscription.id} if self.event.subscription else set()
        return own.union(*(each.subscriptions for each in self.changed_customers()))

    def _payment_ids(self) -> set[str]:
        own = {self.event.payment_id} if self.event.payment_id else set()
        return own.union(*(each.payments for each in self.changed_customers()))

    def _bought(self, sold: Mapping[str, Pack]) -> list[tuple[Pack, int]]:
        """Return the packs that the event's purchase is of, and how many; none if any is unknown."""
        purchase = self.event.purchase
        if purchase is None:
            return []
        if purchase.pack_id is not None:
            pack = read_pack(self.found[pack_path(purchase.pack_id)])
            return [(pack, 1)] if pack else []
        bought = []
        for item in purchase.items:
            known = [sold[name] for name in item.names if name in sold]
            if not known:
                return []
            bought.append((known[0], item.quantity))
        return bought

    def _subscription(self, subscription_id: str) -> SubscriptionCase | None:
        seen = self.found.get(subscription_path(subscription_id))
        if seen is None:
            return None
        before, user_before = read_subscription_record(seen)
        news = self.event.subscription
        is_own = news is not None and news.id == subscription_id
        after = reduce(before, self.event) if is_own else before
        if after is None:
            return None  # somebody has deleted it
        if after.holder is None:
            return SubscriptionCase(seen, before, user_before, after, user_before, ())
        line, user_id = line_of_holders(after.holder, self.customers)
        return SubscriptionCase(seen, before, user_before, after, user_id, tuple(line))

    def _payment(self, payment_id: str) -> PaymentCase | None:
        seen = self.found.get(payment_path(self.event.provider, payment_id))
        if seen is None:
            return None
        before = read_payment(seen)
        is_own = self.event.payment_id == payment_id
        after = reduce_payment(before, self.event, self.packs) if is_own else before
        if after is None:
            return None
        if after.grants and after.user_id is None:
            said = self.event.user_id if is_own and self.event.purchase else None
            after = replace(after, user_id=said or self._user_of(after.customer_id))
        return PaymentCase(seen, before, after)

    def _user_of(self, customer_id: str | None) -> str | None:
        customer = self.customers.get(customer_id) if customer_id else None
        return customer.user_id if customer else None


def first_paths(event: ProviderEvent) -> set[str]:
    """Return what the event itself names."""
    customers = {event.customer_id} if event.customer_id else set()
    if event.transfer:
        customers |= {*event.transfer.from_ids, event.transfer.to_id}
    paths = {receipt_path(event), *(customer_path(event.provider, each) for each in customers)}
    if event.subscription:
        paths.add(subscription_path(event.subscription.id))
    if event.payment_id:
        paths.add(payment_path(event.provider, event.payment_id))
    if event.purchase and event.purchase.pack_id:
        paths.add(pack_path(event.purchase.pack_id))
    if event.user_id:
        paths.add(user_path(event.user_id))
    return paths


def open_dossier(
    context: Context,
    transaction: Transaction,
    event: ProviderEvent,
    sold: Mapping[str, Pack],
) -> Dossier:
    """Read all that the event touches: in one call if it names the user, else mostly in two.

    Of one that was dealt with before nothing but its receipt matters.
    """
    found: Found = transaction.read({*first_paths(event), *context.clock.paths()})
    while True:
        dossier = Dossier(event, sold, found)
        missing = dossier.paths() - found.keys()
        if not missing or is_final(dossier.receipt):
            return dossier
        found = {**found, **transaction.read(missing)}
