"""Who pays: first the plan, then grants, then overage; the generation remembers the split."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.errors import QuotaExceeded
from genquota.domain.quota.account import Allocation, Grant, GrantAllocation
from genquota.domain.quota.decision import Decision, QuotaRequest, decide
from tests.unit.samples import NOW, POLICY, account, at, holding, limits, plan, using

if TYPE_CHECKING:
    from genquota.domain.plans.plans import Plan
    from genquota.domain.quota.account import Account

SOON, LATER = at("2026-11-20"), at("2026-12-24")


def pay(alice: Account, terms: Plan, credits: int) -> Decision:
    return decide(alice, terms, "test", QuotaRequest(credits=credits), NOW, POLICY)


def granted(alice: Account, **grants: Grant) -> Account:
    return replace(alice, grants=grants)


def test_the_plan_pays_as_long_as_it_has_room() -> None:
    terms = plan(limits(period=10))
    alice = granted(account(terms), gift=Grant(5))
    assert pay(alice, terms, 10).allocation == Allocation(10)


def test_the_plans_room_is_the_least_of_all_limits_that_speak_of_it() -> None:
    terms = plan(limits(day=7, period=10, image={"week": 4}, video={"day": 0}))
    alice = granted(account(terms), gift=Grant(5))
    assert pay(alice, terms, 9).allocation == Allocation(4, (GrantAllocation("gift", 5, None),))
    assert not pay(alice, terms, 10).can_generate


def test_grants_pay_what_the_plan_has_no_room_for() -> None:
    terms = plan(limits(period=10))
    alice = granted(using(account(terms), image=8), gift=Grant(5))
    decision = pay(alice, terms, 3)
    assert decision.allocation == Allocation(2, (GrantAllocation("gift", 1, None),))
    assert decision.allocation.credits == 3


def test_grants_pay_all_of_it_when_the_limit_was_lowered_below_what_is_used() -> None:
    terms = plan(limits(period=10))
    alice = granted(using(account(terms), image=50), gift=Grant(5))
    assert pay(alice, terms, 3).allocation == Allocation(0, (GrantAllocation("gift", 3, None),))


def test_of_grants_the_soonest_to_expire_pays_first_and_those_without_expiry_last() -> None:
    terms = plan(limits(period=0))
    alice = granted(
        account(terms),
        forever=Grant(5),
        later=Grant(2, expires_at=LATER),
        soon=Grant(1, expires_at=SOON),
        b_same=Grant(1, expires_at=LATER + timedelta(days=1)),
        a_same=Grant(1, expires_at=LATER + timedelta(days=1)),
    )
    assert pay(alice, terms, 7).allocation.grants == (
        GrantAllocation("soon", 1, SOON),
        GrantAllocation("later", 2, LATER),
        GrantAllocation("a_same", 1, LATER + timedelta(days=1)),
        GrantAllocation("b_same", 1, LATER + timedelta(days=1)),
        GrantAllocation("forever", 2, None),
    )


def test_a_grant_pays_until_it_expires_and_no_longer() -> None:
    terms = plan(limits(period=0))
    assert pay(granted(account(), g=Grant(1, expires_at=SOON)), terms, 1).can_generate
    assert not pay(granted(account(), g=Grant(1, expires_at=NOW)), terms, 1).can_generate


def test_a_grant_has_only_what_was_neither_used_nor_reserved() -> None:
    terms = plan(limits(period=0))
    alice = granted(account(terms), gift=Grant(5, used=2))
    alice = holding(alice, 0, grants=(GrantAllocation("gift", 2, None),))
    decision = pay(alice, terms, 1)
    assert decision.grants_remaining == 1
    assert decision.can_generate
    assert not pay(alice, terms, 2).can_generate


def test_a_grant_counts_all_that_was_reserved_of_it() -> None:
    terms = plan(limits(period=0))
    alice = granted(account(terms), gift=Grant(5))
    for _ in range(2):
        alice = holding(alice, 0, grants=(GrantAllocation("gift", 2, None),))
    assert pay(alice, terms, 1).grants_remaining == 1


def test_what_an_ended_hold_reserved_of_a_grant_is_free_again() -> None:
    terms = plan(limits(period=0))
    alice = granted(account(terms), gift=Grant(5))
    alice = holding(alice, 0, grants=(GrantAllocation("gift", 5, None),), end=NOW)
    assert pay(alice, terms, 5).can_generate


def test_what_is_left_of_live_grants_is_told_also_without_a_plan() -> None:
    alice = granted(
        account(), a=Grant(5, 2), b=Grant(4, expires_at=SOON), c=Grant(9, expires_at=NOW)
    )
    assert pay(alice, plan({}), 1).grants_remaining == 7
    assert decide(alice, None, None, QuotaRequest(), NOW, POLICY).grants_remaining == 7


def test_grants_are_left_alone_where_nothing_limits() -> None:
    alice = granted(account(), gift=Grant(5))
    assert pay(alice, plan({}), 1000).allocation == Allocation(1000)


def test_overage_pays_what_grants_could_not() -> None:
    terms = plan(limits(period=10), overage=4)
    alice = granted(using(account(terms), image=9), gift=Grant(2))
    assert pay(alice, terms, 7).allocation == Allocation(5, (GrantAllocation("gift", 2, None),))
    assert not pay(alice, terms, 8).can_generate


def test_overage_goes_beyond_each_limit() -> None:
    terms = plan(limits(day=3, period=100), overage=2)
    assert pay(using(account(terms), image=4), terms, 1).can_generate
    decision = pay(using(account(terms), image=5), terms, 1)
    assert isinstance(decision.refusal, QuotaExceeded)
    assert decision.refusal.window == "day"


def test_unlimited_overage_pays_everything_after_plan_and_grants() -> None:
    terms = plan(limits(day=3, period=10), overage=-1)
    alice = granted(using(account(terms), image=9), gift=Grant(2))
    decision = pay(alice, terms, 1000)
    assert decision.can_generate
    assert decision.allocation == Allocation(998, (GrantAllocation("gift", 2, None),))


def test_more_than_everything_together_is_refused_by_the_limit() -> None:
    terms = plan(limits(period=10), overage=4)
    alice = granted(account(terms), gift=Grant(2))
    assert pay(alice, terms, 16).can_generate
    decision = pay(alice, terms, 17)
    assert isinstance(decision.refusal, QuotaExceeded)
    assert (decision.refusal.requested, decision.refusal.remaining) == (17, 10)
    assert decision.refusal.resets_at is None


@pytest.mark.parametrize("credits", [0, 1])
def test_what_costs_nothing_takes_nothing(credits: int) -> None:
    terms = plan(limits(period=0), overage=-1)
    alice = granted(account(terms), gift=Grant(1))
    parts = (GrantAllocation("gift", 1, None),) if credits else ()
    assert pay(alice, terms, credits).allocation == Allocation(0, parts)


small = st.integers(0, 12)


@given(
    st.dictionaries(st.sampled_from(("day", "week", "month", "period")), st.integers(-1, 12)),
    small,
    small,
    st.lists(st.tuples(small, small, st.sampled_from((None, NOW, SOON, LATER))), max_size=4),
    st.integers(-1, 5),
    small,
)
def test_what_is_allowed_stays_within_every_limit_and_grant_and_adds_up(
    named: dict[str, int],
    used: int,
    reserved: int,
    gifts: list[tuple[int, int, object]],
    overage: int,
    credits: int,
) -> None:
    terms = plan(limits(**named), overage=overage)
    alice = holding(using(account(terms), image=used), reserved)
    grants = {
        f"g{n}": Grant(total, min(spent, total), expires_at)  # type: ignore[arg-type] # sampled above
        for n, (total, spent, expires_at) in enumerate(gifts)
    }
    decision = pay(granted(alice, **grants), terms, credits)
    allocation = decision.allocation
    finite = [limit for limit in named.values() if limit >= 0]
    room = max(0, min((limit - used - reserved for limit in finite), default=credits))
    live = sum(g.credits - g.used for g in grants.values() if g.is_active(NOW))
    beyond = 10**9 if overage < 0 else overage
    hopeful = (limit + beyond - used - reserved for limit in finite)
    could_pay = max(0, min(hopeful, default=credits)) + live
    if credits == 0 or min(credits, room) + live >= credits or not finite:
        assert decision.can_generate
    else:
        assert decision.can_generate is (credits <= could_pay)
    if decision.can_generate:
        assert allocation.credits == credits
        assert all(
            used + reserved + allocation.windows <= limit + beyond or allocation.windows == 0
            for limit in finite
        )
        for part in allocation.grants:
            grant = grants[part.grant_id]
            assert 0 < part.credits <= grant.credits - grant.used
            assert grant.is_active(NOW)
        if allocation.windows > min(credits, room):  # overage pays only when grants are empty
            assert sum(part.credits for part in allocation.grants) == live
