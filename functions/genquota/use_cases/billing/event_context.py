"""All documents that an event of a provider touches, read until none is missing.

Which ones those are shows on reading: the subscription names its customer, the customer their user, and
a customer who becomes known, or whose things go to another one, brings along all that is theirs.
"""

from collections.abc import Mapping
from dataclasses import replace

from genquota.domain.customers import CustomerRecord, apply_event_to_customer, transfer_chain
from genquota.domain.lww_registers import EARLIEST, LwwRegister, Version
from genquota.domain.provider_events import TEMPORARY, ProviderEvent
from genquota.domain.purchases import Pack, choose_packs
from genquota.domain.subscription_reducer import replace_temporary
from genquota.store.billing_documents import (
    customer_path,
    is_known_user,
    payment_path,
    read_customer,
)
from genquota.store.bought_grants import is_taken_back_by_operator
from genquota.store.catalogue import pack_path, read_pack
from genquota.store.receipts import is_final, receipt_path
from genquota.store.subscription_document import subscription_path
from genquota.store.transaction import Snapshot, Transaction
from genquota.store.user_document import UserDocument, read_user, user_path
from genquota.use_cases.billing.changes import (
    PaymentChange,
    SubscriptionChange,
    change_payment,
    change_subscription,
)
from genquota.use_cases.context import Context
from genquota.use_cases.present import Found


class EventContext:
    """What follows from an event for each document that was read so far."""

    def __init__(self, event: ProviderEvent, sold: Mapping[str, Pack], found: Found) -> None:
        self.found = found
        self._users: dict[str, UserDocument] = {}
        self.event = event = self._with_user(event)
        self.packs = self._packs(sold)
        if event.purchase and not self.packs and not event.purchase.must_be_known:
            self.event = event = replace(event, purchase=None)
        known = self._read_customers()
        self.customers_before = {key: before for key, (before, _) in known.items()}
        self.customers = {
            key: apply_event_to_customer(now, event) for key, (_, now) in known.items()
        }
        subscriptions = {key: self._subscription(key) for key in self._subscription_ids()}
        known_ones = {key: each for key, each in subscriptions.items() if each}
        self.subscriptions = self._with_replaced(known_ones)
        payments = {key: self._payment(key) for key in self._payment_ids()}
        self.payments: dict[str, PaymentChange] = {
            key: each for key, each in payments.items() if each
        }

    @property
    def receipt(self) -> Snapshot:
        return self.found[receipt_path(self.event)]

    @property
    def owner(self) -> str | None:
        """The user whom the event is about, if they are known."""
        event = self.event
        if event.subscription and event.subscription.id in self.subscriptions:
            return self.subscriptions[event.subscription.id].user_after
        if event.payment_id and event.payment_id in self.payments:
            return self.payments[event.payment_id].user_after
        return self.known_user(event.customer_id) if event.customer_id else event.user_id

    @property
    def user_ids(self) -> set[str]:
        """The users whose documents the event may change."""
        return {
            uid for each in self._changes() for uid in (each.user_before, each.user_after) if uid
        }

    def known_user(self, customer_id: str) -> str | None:
        """Return whose the customer's things are now: theirs, or those that they went to."""
        start = LwwRegister(customer_id, Version(EARLIEST, EARLIEST, 0, ""))
        last = self.customers.get(transfer_chain(start, self.customers)[-1].value)
        return last.user_id if last else None

    def user(self, uid: str) -> UserDocument:
        if uid not in self._users:
            self._users[uid] = read_user(self.found[user_path(uid)])
        return self._users[uid]

    def taken_back(self, change: PaymentChange) -> frozenset[str]:
        """Return the grants of a payment that an operator took back: they stay so."""
        return change.after.taken_back | {
            grant_id
            for grant_id, path in change.grant_paths().items()
            if is_taken_back_by_operator(self.found[path])
        }

    def changed_customers(self) -> list[CustomerRecord]:
        """Return those of whom the event says who they are, or where all that they had went."""
        from_ids = self.event.transfer.from_ids if self.event.transfer else ()
        return [
            each
            for key, each in self.customers.items()
            if key in from_ids or each != self.customers_before[key]
        ]

    def paths(self) -> set[str]:
        """Return all that must be read before what is said here is sure."""
        provider = self.event.provider
        customers = {name for each in self._changes() for name in each.customers}
        users = self.user_ids | ({self.owner} if self.owner else set())
        return {
            *first_paths(self.event),
            *(user_path(uid) for uid in users),
            *(customer_path(provider, name) for name in customers),
            *(subscription_path(key) for key in self._subscription_ids()),
            *(payment_path(provider, key) for key in self._payment_ids()),
            *(path for each in self.payments.values() for path in each.grant_paths().values()),
        }

    def _changes(self) -> list[SubscriptionChange | PaymentChange]:
        return [*self.subscriptions.values(), *self.payments.values()]

    def _with_user(self, event: ProviderEvent) -> ProviderEvent:
        """Return the event with the user that its ids name: a known one, else the first."""
        if not event.candidates:
            return event
        known = [uid for uid in event.candidates if is_known_user(self.user(uid))]
        user_id = known[0] if known else event.candidates[0]
        # Who is a user in their own right is not another one's alias.
        aliases = tuple(each for each in event.aliases if each not in known)
        return replace(event, user_id=user_id, aliases=aliases)

    def _read_customers(self) -> dict[str, tuple[CustomerRecord, CustomerRecord]]:
        prefix = customer_path(self.event.provider, "")
        named = {
            path.removeprefix(prefix): snapshot
            for path, snapshot in self.found.items()
            if path.startswith(prefix)
        }
        return {name: read_customer(snapshot, name) for name, snapshot in named.items()}

    def _subscription_ids(self) -> set[str]:
        update = self.event.subscription
        own = {update.id} if update else set()
        own |= self._temporary_ids()
        return own.union(*(each.subscriptions for each in self.changed_customers()))

    def _payment_ids(self) -> set[str]:
        own = {self.event.payment_id} if self.event.payment_id else set()
        return own.union(*(each.payments for each in self.changed_customers()))

    def _temporary_ids(self) -> set[str]:
        """Return subscriptions that may replace, or be replaced by, what is reported."""
        update, customer_id = self.event.subscription, self.event.customer_id
        customer = self.customers.get(customer_id) if customer_id else None
        if update is None or customer is None:
            return set()
        if update.is_temporary:
            return set(customer.subscriptions)
        return {key for key in customer.subscriptions if key.startswith(TEMPORARY)}

    def _with_replaced(
        self, changes: dict[str, SubscriptionChange]
    ) -> dict[str, SubscriptionChange]:
        """Return the subscriptions with temporary ones ended by what their customer bought since."""
        versions = [
            each.after.status.version
            for each in changes.values()
            if each.after.status and not each.after.is_temporary
        ]
        newest = max(versions, default=None, key=lambda version: version.at)
        return {
            key: replace(each, after=replace_temporary(each.after, newest))
            if each.after.is_temporary
            else each
            for key, each in changes.items()
        }

    def _packs(self, sold: Mapping[str, Pack]) -> dict[Pack, int]:
        purchase = self.event.purchase
        if purchase is None:
            return {}
        named = read_pack(self.found[pack_path(purchase.pack_id)]) if purchase.pack_id else None
        return choose_packs(purchase, named, sold)

    def _subscription(self, subscription_id: str) -> SubscriptionChange | None:
        seen = self.found.get(subscription_path(subscription_id))
        return change_subscription(seen, self.event, self.customers) if seen else None

    def _payment(self, payment_id: str) -> PaymentChange | None:
        seen = self.found.get(payment_path(self.event.provider, payment_id))
        return (
            change_payment(seen, payment_id, self.event, self.packs, self.customers)
            if seen
            else None
        )


def first_paths(event: ProviderEvent) -> set[str]:
    """Return what the event itself names."""
    customers: set[str] = set(event.aliases)
    users = set(event.candidates)
    if event.customer_id:
        customers.add(event.customer_id)
    if event.transfer:
        customers |= {*event.transfer.from_ids, event.transfer.to_id}
    if event.user_id:
        users.add(event.user_id)
    paths = {receipt_path(event), *(customer_path(event.provider, each) for each in customers)}
    paths |= {user_path(each) for each in users}
    if event.subscription:
        paths.add(subscription_path(event.subscription.id))
    if event.payment_id:
        paths.add(payment_path(event.provider, event.payment_id))
    if event.purchase and event.purchase.pack_id:
        paths.add(pack_path(event.purchase.pack_id))
    return paths


def read_event_context(
    context: Context,
    transaction: Transaction,
    event: ProviderEvent,
    sold: Mapping[str, Pack],
) -> EventContext:
    """Read all that the event touches: in one call if it names the user, else mostly in two.

    Of one that was dealt with before nothing but its receipt matters.
    """
    found: Found = transaction.read({*first_paths(event), *context.clock.paths()})
    while True:
        event_context = EventContext(event, sold, found)
        missing = event_context.paths() - found.keys()
        if not missing or is_final(event_context.receipt):
            return event_context
        found = {**found, **transaction.read(missing)}
