"""The documents that a provider's event affects, read until the set is complete.

Which ones those are shows on reading: the subscription names its customer, the customer their user, and
a customer who becomes known, or whose things go to another one, brings along all that is theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from genquota.billing.domain.aliases import linked_customers
from genquota.billing.domain.customers import (
    ALWAYS,
    CustomerRecord,
    Ownership,
    apply_event_to_customer,
    owner_of_subscription,
    person_of_customer,
)
from genquota.billing.domain.lww_registers import LwwRegister
from genquota.billing.domain.provider_events import NamedBy, ProviderEvent
from genquota.billing.domain.purchases import Pack, choose_packs
from genquota.billing.store.billing_documents import (
    customer_path,
    is_known_user,
    payment_path,
    read_customer,
)
from genquota.billing.store.products import pack_path, read_pack
from genquota.billing.store.purchased_grant_documents import is_taken_back_by_operator
from genquota.billing.store.receipts import is_final, receipt_path
from genquota.billing.use_cases.changes import (
    PaymentChange,
    SubscriptionChange,
    change_payment,
    change_subscription,
)
from genquota.billing.use_cases.temporary_subscriptions import subscriptions_beside, with_replaced
from genquota.store.documents import Snapshot
from genquota.store.subscription_document import subscription_path
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument, read_user, user_path
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.user_state import Snapshots


class EventContext:
    """The changes that an event makes to the documents read so far."""

    def __init__(self, event: ProviderEvent, sold: Mapping[str, Pack], found: Snapshots) -> None:
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
        self._changed = self._changed_customers()
        self._subscription_ids: set[str] = set()
        self.subscriptions = self._read_subscriptions()
        self.payments = self._read_payments()

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
        had = Ownership(LwwRegister(customer_id, ALWAYS))
        return owner_of_subscription(had, self.customers).user_id

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

    def _changed_customers(self) -> list[CustomerRecord]:
        """Return those whose things may be another one's since the event."""
        from_ids = self.event.transfer.from_ids if self.event.transfer else ()
        changed: set[str] = set()
        for key, now in self.customers.items():
            before = self.customers_before[key]
            if key not in from_ids and before == now:
                continue
            others = self._linked({key}) & self.customers.keys()
            if any(self.customers[each].moves for each in others):
                changed |= others
            elif not now.is_user or replace(before, aliases=now.aliases) != now:
                changed |= person_of_customer(key, self.customers).keys()
            # Else it is a user with a new alias: their things stay theirs.
        return [self.customers[key] for key in changed]

    def paths(self) -> set[str]:
        """Return all that must be read before what is said here is sure."""
        provider = self.event.provider
        customers = {name for each in self._changes() for name in each.customers}
        customers |= {
            key for key, now in self.customers.items() if now != self.customers_before[key]
        }
        users = self.user_ids | ({self.owner} if self.owner else set())
        return {
            *first_paths(self.event),
            *(user_path(uid) for uid in users),
            *(customer_path(provider, name) for name in self._linked(customers)),
            *(subscription_path(key) for key in self._subscription_ids),
            *(payment_path(provider, key) for key in self._payment_ids),
            *(path for each in self.payments.values() for path in each.grant_paths().values()),
        }

    def _changes(self) -> list[SubscriptionChange | PaymentChange]:
        return [*self.subscriptions.values(), *self.payments.values()]

    def _with_user(self, event: ProviderEvent) -> ProviderEvent:
        """Return the event with the user that its ids name: a known one, a deleted one, or the first."""
        if not event.candidates:
            return event
        users = {uid: self.user(uid) for uid in event.candidates}
        known = [uid for uid, user in users.items() if is_known_user(user)]
        deleted = [uid for uid, user in users.items() if user.account.is_deleted]
        return replace(
            event,
            user_id=(known or deleted or event.candidates)[0],
            named_by=event.named_by if known else NamedBy.GUESS,
            # Who is a user in their own right is not another one's alias.
            aliases=tuple(each for each in event.aliases if each not in known),
        )

    def _linked(self, names: Iterable[str]) -> set[str]:
        """Return customers and all whom aliases link to them."""
        return linked_customers(names, {key: each.aliases for key, each in self.customers.items()})

    def _read_customers(self) -> dict[str, tuple[CustomerRecord, CustomerRecord]]:
        prefix = customer_path(self.event.provider, "")
        named = {
            path.removeprefix(prefix): snapshot
            for path, snapshot in self.found.items()
            if path.startswith(prefix)
        }
        return {name: read_customer(snapshot, name) for name, snapshot in named.items()}

    def _read_subscriptions(self) -> dict[str, SubscriptionChange]:
        update = self.event.subscription
        changes: dict[str, SubscriptionChange] = {}
        ids: set[str] = {update.id} if update else set()
        ids = ids.union(*(each.subscriptions for each in self._changed))
        while missing := ids - self._subscription_ids:
            self._subscription_ids |= missing
            changes |= {key: each for key in missing if (each := self._subscription(key))}
            ids |= subscriptions_beside(changes, self.customers)
        return with_replaced(changes, self.customers)

    def _read_payments(self) -> dict[str, PaymentChange]:
        ids: set[str] = {self.event.payment_id} if self.event.payment_id else set()
        self._payment_ids = ids.union(*(each.payments for each in self._changed))
        return {key: each for key in self._payment_ids if (each := self._payment(key))}

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
    found: Snapshots = transaction.read({*first_paths(event), *context.clock.paths()})
    while True:
        event_context = EventContext(event, sold, found)
        missing = event_context.paths() - found.keys()
        if not missing or is_final(event_context.receipt):
            return event_context
        found = {**found, **transaction.read(missing)}
