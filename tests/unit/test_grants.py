"""Giving credits, and taking back what is left of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from genquota.domain.errors import InvalidArgument
from genquota.domain.quota.account import Account, Grant, GrantPart, Reserved
from genquota.domain.quota.allocation import available_grants
from genquota.domain.quota.grants import add_grant, restore_grant, revoke_grant
from tests.unit.samples import NOW, account, holding

HOUR = timedelta(hours=1)


def left(alice: Account) -> dict[str, int]:
    parts = available_grants(alice, Reserved.of(alice, NOW), NOW)
    return {part.grant_id: part.credits for part in parts}


def given(**grants: Grant) -> Account:
    return replace(account(), grants=grants)


def test_a_grant_is_there_once_given() -> None:
    assert left(add_grant(account(), "g", Grant(5), NOW)) == {"g": 5}


def test_a_grant_that_is_there_is_left_as_it_is() -> None:
    alice = given(g=Grant(5, used=3))
    assert add_grant(alice, "g", Grant(5), NOW) is alice


def test_what_is_unspent_is_taken_back_once() -> None:
    alice = revoke_grant(given(g=Grant(5, used=3)), "g")
    assert left(alice) == {}
    assert revoke_grant(alice, "g") is alice


def test_what_is_held_of_a_grant_stays_when_it_is_taken_back() -> None:
    part = GrantPart("g", 2, None)
    alice = revoke_grant(holding(given(g=Grant(5)), 0, grants=(part,)), "g")
    assert left(alice) == {}
    assert next(iter(alice.holds.values())).split.grants == (part,)


def test_taking_back_a_grant_that_is_not_there_changes_nothing() -> None:
    alice = given()
    assert revoke_grant(alice, "g") is alice


def test_a_grant_that_was_taken_back_can_be_restored_with_what_was_left() -> None:
    alice = given(g=Grant(5, used=3))
    assert restore_grant(revoke_grant(alice, "g"), "g") == alice


def test_a_hundred_live_grants_are_the_most() -> None:
    alice = given(**{f"g{n}": Grant(1) for n in range(99)})
    alice = add_grant(alice, "last", Grant(1), NOW)
    with pytest.raises(InvalidArgument) as refused:
        add_grant(alice, "beyond", Grant(1), NOW)
    assert refused.value.fields == (("", "the user has 100 live grants, which is the most"),)


@pytest.mark.parametrize("worn", [Grant(1, used=1), Grant(1, expires_at=NOW)])
def test_what_can_pay_nothing_any_more_makes_room(worn: Grant) -> None:
    alice = given(**{f"g{n}": Grant(1) for n in range(99)}, worn=worn)
    alice = add_grant(alice, "new", Grant(1), NOW)
    assert len(alice.grants) == 100
    assert "worn" not in alice.grants


@pytest.mark.parametrize(
    "needed", [Grant(1, revoked=True), Grant(2, used=1), Grant(1, expires_at=NOW + HOUR)]
)
def test_what_may_pay_again_makes_no_room(needed: Grant) -> None:
    alice = given(**{f"g{n}": Grant(1) for n in range(99)}, needed=needed)
    with pytest.raises(InvalidArgument):
        add_grant(alice, "new", Grant(1), NOW)


def test_a_spent_grant_that_holds_something_makes_no_room() -> None:
    alice = given(**{f"g{n}": Grant(1) for n in range(99)}, held=Grant(1, used=1))
    alice = holding(alice, 0, grants=(GrantPart("held", 1, None),))
    with pytest.raises(InvalidArgument):
        add_grant(alice, "new", Grant(1), NOW)


def test_of_grants_without_expiry_what_was_bought_is_spent_last() -> None:
    alice = given(
        a_bought=Grant(1, purchased=True),
        b_gift=Grant(1),
        c_bought_that_ends=Grant(1, purchased=True, expires_at=NOW + HOUR),
    )
    assert list(left(alice)) == ["c_bought_that_ends", "b_gift", "a_bought"]
