"""Whatever order a provider's events come in, and however often: the outcome is that of the right order."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from genquota.billing.domain.entitlements import entitlement
from tests.unit.provider_histories import after, histories, in_order

if TYPE_CHECKING:
    from genquota.billing.domain.provider_events import ProviderEvent


@given(history=histories(), data=st.data())
def test_any_order_of_any_history_comes_to_what_the_right_order_comes_to(
    history: list[ProviderEvent], data: st.DataObject
) -> None:
    """D4"""
    mixed = data.draw(st.permutations(history))
    assert after(mixed) == after(in_order(history))


@given(history=histories(), data=st.data())
def test_events_that_come_twice_or_long_after_all_others_change_nothing(
    history: list[ProviderEvent], data: st.DataObject
) -> None:
    """D1"""
    again = data.draw(st.lists(st.sampled_from(history), max_size=6))
    mixed = data.draw(st.permutations([*history, *again]))
    assert after(mixed) == after(in_order(history))


@given(history=histories(most=2))
def test_every_order_of_a_short_history_comes_to_the_same(history: list[ProviderEvent]) -> None:
    """D4: all of them, not some."""
    expected = after(in_order(history))
    assert {after(order) == expected for order in permutations(history[:5] + history[5:6])} == {
        True
    }


@given(history=histories(), data=st.data())
def test_what_was_heard_so_far_is_never_taken_back_by_an_older_event(
    history: list[ProviderEvent], data: st.DataObject
) -> None:
    """D4: an older snapshot never wins."""
    *early, newest = in_order(history)
    late = data.draw(st.sampled_from(early))
    known = after([*early, newest])
    assert entitlement(after([*early, newest, late])) == entitlement(known)
