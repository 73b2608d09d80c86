"""Credits that were bought: given once, taken back once, never below what was spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from genquota.billing.domain.provider_events import Charge, Dispute, ProviderEvent, Purchase
from genquota.billing.domain.purchased_grants import reconcile_purchased_grants
from genquota.billing.domain.purchases import Pack, PaymentRecord, apply_event_to_payment
from genquota.domain.enums import Provider
from genquota.domain.quota.account import Account, Grant
from tests.unit.samples import NOW, account

SMALL = Pack("small", 50)
FLEETING = Pack("fleeting", 20, timedelta(days=30))
DAY = timedelta(days=1)


def event(number: int, **payments: Purchase | Charge | Dispute) -> ProviderEvent:
    at = NOW + number * DAY
    return ProviderEvent(Provider.STRIPE, f"evt_{number}", "x", at, "cus_1", **payments)  # type: ignore[arg-type]


BOUGHT = event(1, purchase=Purchase("pi_1"))
REFUNDED = event(3, charge=Charge("pi_1", 500, 500))
DISPUTED = event(2, dispute=Dispute("pi_1", is_held_back=True))
WON = event(4, dispute=Dispute("pi_1", is_held_back=False))


def heard(*events: ProviderEvent, pack: Pack = SMALL, count: int = 1) -> PaymentRecord:
    record = None
    for each in events:
        record = apply_event_to_payment(record, each, {pack: count})
    assert record is not None
    return record


def given(payment: PaymentRecord, alice: Account | None = None) -> Account:
    """Return alice with what a payment comes to, first given and then told again."""
    alice = reconcile_purchased_grants(alice or account(), payment, NOW, is_granted=False)
    again = reconcile_purchased_grants(alice, payment, NOW, is_granted=True)
    assert again is alice, "told again, nothing changes"
    return alice


def test_a_pack_is_a_purchased_grant_that_does_not_expire() -> None:
    assert given(heard(BOUGHT)).grants == {"pi_1": Grant(50, 0, None, purchased=True)}


def test_two_packs_of_a_kind_are_one_grant_of_twice_the_credits() -> None:
    assert given(heard(BOUGHT, count=2)).grants["pi_1"].credits == 100


def test_a_pack_that_expires_does_so_after_its_days_from_the_purchase() -> None:
    assert given(heard(BOUGHT, pack=FLEETING)).grants["pi_1"].expires_at == NOW + 31 * DAY


def test_different_packs_of_one_payment_are_a_grant_each() -> None:
    record = apply_event_to_payment(None, BOUGHT, {SMALL: 1, FLEETING: 3})
    assert record is not None
    grants = given(record).grants
    assert {key: grant.credits for key, grant in grants.items()} == {
        "pi_1_small": 50,
        "pi_1_fleeting": 60,
    }


def test_a_purchase_that_is_told_in_two_events_is_given_once() -> None:
    """D8: also when the pack was edited in between."""
    later = event(2, purchase=Purchase("pi_1"))
    record = apply_event_to_payment(heard(BOUGHT), later, {Pack("small", 99): 1})
    assert record == heard(BOUGHT)


def test_a_refund_takes_back_what_is_unspent() -> None:
    """D9"""
    spent = replace(account(), grants={"pi_1": Grant(50, 20, purchased=True)})
    taken = reconcile_purchased_grants(spent, heard(BOUGHT, REFUNDED), NOW, is_granted=True)
    assert taken.grants["pi_1"] == Grant(50, 20, purchased=True, revoked=True)
    assert taken.grants["pi_1"].is_active(NOW) is False


@pytest.mark.parametrize(("returned", "left"), [(100, 40), (250, 25), (499, 1), (1, 50)])
def test_a_part_that_is_refunded_takes_back_its_part(returned: int, left: int) -> None:
    """D9"""
    part = event(3, charge=Charge("pi_1", returned, 500))
    grant = given(heard(BOUGHT, part)).grants["pi_1"]
    assert (grant.credits, grant.revoked) == (left, False)


def test_a_part_never_takes_what_was_spent() -> None:
    """D9: no balance goes below zero."""
    spent = replace(account(), grants={"pi_1": Grant(50, 45, purchased=True)})
    part = event(3, charge=Charge("pi_1", 250, 500))
    taken = reconcile_purchased_grants(spent, heard(BOUGHT, part), NOW, is_granted=True)
    assert taken.grants["pi_1"] == Grant(45, 45, purchased=True)


def test_purchase_refund_and_dispute_in_any_order_and_doubled_come_to_the_same() -> None:
    """D9: refund and dispute of one payment claw back once."""
    events = [BOUGHT, REFUNDED, DISPUTED, WON]
    assert {
        tuple(given(heard(*order, *order)).grants.items()) for order in permutations(events)
    } == {(("pi_1", Grant(50, purchased=True, revoked=True)),)}


def test_a_dispute_that_is_won_gives_back_what_was_unspent() -> None:
    """D9, F5"""
    held_back = reconcile_purchased_grants(
        account(), heard(BOUGHT, DISPUTED), NOW, is_granted=False
    )
    assert held_back.grants["pi_1"].is_active(NOW) is False
    won = reconcile_purchased_grants(held_back, heard(BOUGHT, DISPUTED, WON), NOW, is_granted=True)
    assert won.grants == {"pi_1": Grant(50, purchased=True)}


def test_a_refund_that_is_reversed_gives_everything_back() -> None:
    """F5"""
    reversed_ = event(5, charge=Charge("pi_1", 0, 500))
    assert given(heard(BOUGHT, REFUNDED, reversed_)).grants == {"pi_1": Grant(50, purchased=True)}


def test_a_refund_of_something_else_gives_nothing() -> None:
    record = apply_event_to_payment(None, REFUNDED, {})
    assert record is not None
    assert (record.grants, given(record).grants) == ((), {})


def test_a_grant_that_is_spent_and_gone_is_not_given_again_by_later_news() -> None:
    """D9"""
    assert (
        reconcile_purchased_grants(account(), heard(BOUGHT, WON), NOW, is_granted=True).grants == {}
    )
