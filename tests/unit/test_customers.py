"""Whose a subscription is: customers who become known, transfers in any order, and back again."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from genquota.billing.domain.customers import (
    CustomerRecord,
    apply_event_to_customer,
    owner_of_subscription,
)
from genquota.billing.domain.provider_events import ProviderEvent, Transfer
from genquota.billing.domain.subscription_facts import Cancellation, SubscriptionUpdate
from genquota.billing.domain.subscription_reducer import (
    SubscriptionRecord,
    apply_event_to_subscription,
)
from genquota.domain.enums import Provider
from tests.unit.samples import NOW

HOUR = timedelta(hours=1)
NAMES = ("ada", "bob", "eve")


def bought(number: int, by: str) -> ProviderEvent:
    at = NOW + number * HOUR
    update = SubscriptionUpdate("s1", cancellation=Cancellation(renews=True))
    event_id = f"e{number}"
    return ProviderEvent(Provider.REVENUECAT, event_id, "x", at, by, by, subscription=update)


def named(number: int, user_id: str) -> ProviderEvent:
    at, event_id = NOW + number * HOUR, f"e{number}"
    return ProviderEvent(Provider.STRIPE, event_id, "x", at, "cus_1", user_id)


def moved(number: int, from_: str, to: str) -> ProviderEvent:
    at, event_id = NOW + number * HOUR, f"e{number}"
    transfer = Transfer((from_,), to)
    return ProviderEvent(Provider.REVENUECAT, event_id, "x", at, to, to, transfer=transfer)


def owner_after(*events: ProviderEvent) -> str | None:
    """Return who has the subscription after these events, in that order."""
    customers = {name: CustomerRecord(name) for name in NAMES}
    record: SubscriptionRecord | None = None
    for event in events:
        customers = {
            name: apply_event_to_customer(customer, event) for name, customer in customers.items()
        }
        record = apply_event_to_subscription(record, event)
    assert record is not None
    return owner_of_subscription(record.ownership, customers).user_id


def test_a_transfer_takes_it_from_the_old_user_in_any_order() -> None:
    """D15"""
    events = [bought(1, "ada"), moved(2, "ada", "bob"), moved(3, "bob", "eve")]
    assert {owner_after(*order) for order in permutations(events)} == {"eve"}


def test_what_is_bought_after_a_transfer_stays_with_its_buyer() -> None:
    events = [moved(1, "ada", "bob"), bought(2, "ada")]
    assert {owner_after(*order) for order in permutations(events)} == {"ada"}


def test_it_may_be_transferred_back_and_forth() -> None:
    events = [bought(1, "ada"), moved(2, "ada", "bob"), moved(3, "bob", "ada")]
    assert {owner_after(*order) for order in permutations(events)} == {"ada"}
    events.append(moved(4, "ada", "eve"))
    assert {owner_after(*order) for order in permutations(events)} == {"eve"}


def test_of_several_transfers_the_first_after_the_purchase_takes_it() -> None:
    events = [bought(1, "ada"), moved(2, "ada", "bob"), moved(3, "ada", "eve")]
    assert {owner_after(*order) for order in permutations(events)} == {"bob"}


def test_a_customer_is_whom_the_newest_event_names() -> None:
    older = ProviderEvent(Provider.STRIPE, "e1", "x", NOW, "cus_1", "ada")
    newer = ProviderEvent(Provider.STRIPE, "e2", "x", NOW + HOUR, "cus_1", "bob")
    for order in ((older, newer), (newer, older), (newer, older, newer)):
        customer = CustomerRecord("cus_1")
        for event in order:
            customer = apply_event_to_customer(customer, event)
        assert customer.user_id == "bob"


def test_of_many_namings_the_first_and_last_of_each_run_are_kept() -> None:
    customer = CustomerRecord("cus_1")
    for number, name in enumerate(["ada"] * 9 + ["bob"] * 8):
        customer = apply_event_to_customer(customer, named(number, name))
    kept = [(each.value.user_id, each.version.event_id) for each in customer.users]
    assert kept == [("ada", "e0"), ("ada", "e8"), ("bob", "e9"), ("bob", "e16")]


@given(
    steps=st.lists(
        st.tuples(st.booleans(), st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6
    ),
    data=st.data(),
)
def test_any_order_of_purchases_and_transfers_comes_to_the_same_owner(
    steps: list[tuple[bool, str, str]], data: st.DataObject
) -> None:
    """D15"""
    events = [bought(0, "ada")]
    for number, (is_purchase, one, other) in enumerate(steps, 1):
        if is_purchase:
            events.append(bought(number, one))
        elif one != other:
            events.append(moved(number, one, other))
    mixed = data.draw(st.permutations([*events, *events[:2]]))
    assert owner_after(*mixed) == owner_after(*events)
