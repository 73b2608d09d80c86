"""Customers with several names: in every order of events, what they had comes to the same user."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from genquota.billing.domain.customers import (
    CustomerRecord,
    Ownership,
    apply_event_to_customer,
    owner_of_payment,
    owner_of_subscription,
)
from genquota.billing.domain.lww_registers import LwwRegister
from genquota.billing.domain.provider_events import NamedBy, ProviderEvent, Transfer
from genquota.domain.enums import Provider
from tests.unit.samples import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR = timedelta(hours=1)
PEOPLE = {"ada": ("$1", "$2", "legacy", "ada"), "bob": ("$3", "bob"), "new": ("$4", "new", "old")}
"""Their ids: `$…` is made up. Of the last nobody is a known user."""
KNOWN = {"ada", "bob"}
IDS = [each for ids in PEOPLE.values() for each in ids]


def fields(number: int, *ids: str, came_from: str | None = None) -> ProviderEvent:
    """Return an event of the customer with these ids, to whom all that another had may have gone."""
    candidates = tuple(each for each in ids if not each.startswith("$"))
    known = [each for each in candidates if each in KNOWN]
    user_id = next(iter([*known, *candidates]), None)
    return ProviderEvent(
        Provider.REVENUECAT,
        f"e{number}",
        "x",
        NOW + number * HOUR,
        ids[0],
        user_id,
        named_by=NamedBy.OWN if known else NamedBy.GUESS,
        candidates=candidates,
        aliases=ids[1:],
        transfer=Transfer((came_from,), ids[0]) if came_from else None,
    )


def owners_after(events: Iterable[ProviderEvent]) -> list[str | None]:
    """Return who has what each customer had at the beginning, in the middle and at the end."""
    customers = {name: CustomerRecord(name) for name in IDS}
    for event in events:
        customers = {name: apply_event_to_customer(each, event) for name, each in customers.items()}
    had = [
        Ownership(LwwRegister(name, fields(number, name).version))
        for name in IDS
        for number in (0, 4, 9)
    ]
    owners = [owner_of_subscription(each, customers) for each in had]
    owners += [owner_of_payment(each, customers) for each in had]
    return [each.user_id for each in owners]


@st.composite
def histories(draw: st.DrawFn) -> list[ProviderEvent]:
    events = []
    for number in range(1, draw(st.integers(2, 7))):
        ids = draw(st.sampled_from(sorted(PEOPLE.values())))
        names = draw(st.lists(st.sampled_from(ids), unique=True, min_size=1))
        others = [each for each in IDS if each not in ids]
        came_from = draw(st.none() | st.sampled_from(others))
        events.append(fields(number, *names, came_from=came_from))
    return events


@given(history=histories(), data=st.data())
def test_any_order_of_aliases_and_transfers_comes_to_the_same_owners(
    history: list[ProviderEvent], data: st.DataObject
) -> None:
    """D4, D15"""
    again = data.draw(st.lists(st.sampled_from(history), max_size=3))
    mixed = data.draw(st.permutations([*history, *again]))
    assert owners_after(mixed) == owners_after(history)
