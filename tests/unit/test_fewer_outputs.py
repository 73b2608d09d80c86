"""A success with fewer outputs than were asked for is charged for those that were made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.changes.adjustments import refund
from genquota.domain.enums import Status, Window
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Allocation, Grant, GrantAllocation
from genquota.domain.quota.allocation import allocate_for_outputs
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.generation import GenerationOutcome, expire_holds, report, reserve
from genquota.domain.quota.reconciliation import WindowCounts, recompute_totals
from genquota.domain.quota.rolling import roll_windows
from genquota.store.user.quota_state import hold_from_text, hold_to_text
from tests.unit.samples import POLICY, account, at, limits, plan, using

EVENING = at("2026-11-30T23:50")
"""The last minutes of a day, a month and a period, and none of a week."""
IN_TIME, LATE = at("2026-12-01T00:04"), at("2026-12-01T00:05")
TERMS = plan(limits(day=9, period=20), overage=2)
GIFT, BOUGHT = Grant(2, expires_at=at("2027-01-01")), Grant(5, purchased=True)


def opened(used: int = 0, credits: int = 8, **grants: Grant) -> GenerationOutcome:
    """Return a generation of four outputs."""
    alice = replace(using(account(TERMS, EVENING), image=used), grants=grants)
    quota_request = QuotaRequest(count=4, credits=credits)
    decision = decide(alice, TERMS, "test", quota_request, EVENING, POLICY)
    return reserve(alice, decision, "g1", "image", EVENING)


def made(outputs: int, begun: GenerationOutcome) -> GenerationOutcome:
    return report(begun.account, begun.generation, Status.SUCCESS, outputs, EVENING, POLICY, 4)


def test_each_output_pays_its_part() -> None:
    for outputs, charged in ((1, 2), (2, 4), (3, 6), (4, 8)):
        done = made(outputs, opened())
        assert (done.generation.charged, done.generation.refunded) == (charged, False)
        assert done.generation.credits == 8
        assert done.account.windows[Window.DAY].used == {"image": charged}
        assert done.account.windows[Window.PERIOD].used == {"image": charged}
        assert (done.account.success, done.account.outputs) == (1, outputs)
        assert done.account.holds == {}


def test_without_the_number_all_that_was_asked_for_is_charged() -> None:
    begun = opened()
    done = report(begun.account, begun.generation, Status.SUCCESS, 1, EVENING, POLICY)
    assert (done.generation.charged, done.account.outputs) == (8, 1)


@pytest.mark.parametrize(("credits", "charged"), [(10, 7), (1, 0), (0, 0), (3, 2), (7, 5)])
def test_named_credits_are_rounded_down(credits: int, charged: int) -> None:
    done = made(3, opened(credits=credits))
    assert (done.generation.charged, done.generation.credits) == (charged, credits)
    assert done.account.windows[Window.DAY].used_by("image") == charged


def test_credits_are_returned_in_reverse_order_of_payment() -> None:
    """The plan has 3, the gift 2, what was bought 1 of 5; overage pays the last 2."""
    begun = opened(6, gift=GIFT, bought=Grant(5, 4, purchased=True))
    assert begun.generation.hold.allocation == Allocation(
        5, (GrantAllocation("gift", 2, GIFT.expires_at), GrantAllocation("bought", 1, None))
    )
    assert begun.generation.hold.allocation.overage == 2
    for outputs, used, gift, bought in ((4, 5, 2, 5), (3, 3, 2, 5), (2, 3, 1, 4), (1, 2, 0, 4)):
        done = made(outputs, begun)
        assert done.account.windows[Window.DAY].used == {"image": 6 + used}
        assert done.account.grants["gift"].used == gift
        assert done.account.grants["bought"].used == bought
        assert done.generation.charged == 2 * outputs


def test_what_was_not_made_makes_no_room_in_a_later_window() -> None:
    begun = opened()
    rolled = roll_windows(begun.account, TERMS, IN_TIME, POLICY).account
    spent = using(rolled, image=9)
    done = report(spent, begun.generation, Status.SUCCESS, 1, IN_TIME, POLICY, 4)
    assert {each.window: each.credits for each in done.increments} == {
        Window.DAY: 2,
        Window.MONTH: 2,
        Window.PERIOD: 2,
    }
    assert done.account.windows[Window.DAY] == spent.windows[Window.DAY]
    assert done.account.windows[Window.WEEK].used == {"image": 11}


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_late_success_is_charged_for_what_was_made(*, is_closed: bool) -> None:
    begun = opened(6, gift=GIFT, bought=BOUGHT)
    alice = roll_windows(begun.account, TERMS, LATE, POLICY).account
    record = begun.generation
    if is_closed:
        alice = expire_holds(alice, LATE).account
        record = replace(record, status=Status.EXPIRED)
    done = report(alice, record, Status.SUCCESS, 2, LATE, POLICY, 4)
    assert (done.generation.charged, done.generation.late) == (4, True)
    assert done.generation.credits == 8
    assert done.account.grants == {"gift": replace(GIFT, used=1), "bought": BOUGHT}
    assert {each.window: each.credits for each in done.increments}[Window.DAY] == 3


def test_a_late_success_whose_grants_are_gone_is_charged_no_more_than_what_was_made() -> None:
    begun = opened(6, gift=GIFT, bought=BOUGHT)
    alice = replace(roll_windows(begun.account, TERMS, LATE, POLICY).account, grants={})
    done = report(alice, begun.generation, Status.SUCCESS, 2, LATE, POLICY, 4)
    assert (done.generation.charged, done.generation.hold.allocation) == (4, Allocation(4))


def test_a_late_success_that_is_forgiven_costs_nothing_and_keeps_its_price() -> None:
    begun = opened()
    alice = roll_windows(begun.account, TERMS, LATE, POLICY).account
    forgiving = Policy(charge_late_success=False)
    done = report(alice, begun.generation, Status.SUCCESS, 2, LATE, forgiving, 4)
    settled = done.generation
    assert (settled.charged, settled.refunded, settled.credits, done.account.outputs) == (
        0,
        True,
        8,
        2,
    )


def test_the_same_report_again_changes_nothing() -> None:
    done = made(2, opened())
    again = report(done.account, done.generation, Status.SUCCESS, 2, EVENING, POLICY, 4)
    assert again.generation is done.generation
    assert again.account is done.account


def test_a_refund_gives_back_what_was_charged_and_no_more() -> None:
    begun = opened(6, gift=GIFT, bought=BOUGHT)
    done = made(2, begun)
    back = refund(done.account, done.generation)
    assert back.account.windows[Window.DAY].used == {"image": 6}
    assert back.account.grants == {"gift": GIFT, "bought": BOUGHT}
    refunded = back.generation
    assert (refunded.charged, refunded.refunded, refunded.credits) == (0, True, 8)


def test_records_add_up_to_what_was_charged() -> None:
    done = made(3, opened())
    books = recompute_totals([(done.generation, 3)])
    day = at("2026-11-30")
    assert books.windows[Window.DAY, day, "2026-11-30"] == WindowCounts({"image": 6}, success=1)
    assert books.lifetime.outputs == 3


def test_a_hold_remembers_its_overage() -> None:
    hold = opened(6, gift=GIFT, bought=Grant(5, 4)).generation.hold
    assert hold_from_text(hold_to_text(hold)).allocation.overage == 2
    assert '"overage"' not in hold_to_text(opened().generation.hold)


@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.lists(st.integers(1, 9), max_size=4),
    st.integers(1, 10),
    st.data(),
)
def test_every_payer_keeps_at_most_its_part_and_the_total_is_what_was_made(
    in_plan: int, overage: int, parts: list[int], asked: int, data: st.DataObject
) -> None:
    made = data.draw(st.integers(1, asked))
    grants = tuple(GrantAllocation(f"g{n}", credits, None) for n, credits in enumerate(parts))
    allocation = Allocation(in_plan + overage, grants, overage)
    due = allocate_for_outputs(allocation, made, asked)
    assert due.credits == allocation.credits * made // asked
    assert 0 <= due.overage <= overage
    assert 0 <= due.windows - due.overage <= in_plan
    assert all(part.credits > 0 for part in due.grants)
    # In the order of paying: all in full, then one in part, then none.
    paid = {part.grant_id: part.credits for part in due.grants}
    line = [
        (due.windows - due.overage, in_plan),
        *((paid.get(each.grant_id, 0), each.credits) for each in grants),
        (due.overage, overage),
    ]
    line = [each for each in line if each[1]]
    first = next((n for n, (pays, most) in enumerate(line) if pays < most), len(line))
    assert all(pays == 0 for pays, _ in line[first + 1 :])


def test_the_returned_credits_can_be_used_at_once() -> None:
    done = made(1, opened())
    now = EVENING + timedelta(minutes=1)
    decision = decide(done.account, TERMS, "test", QuotaRequest(credits=7), now, POLICY)
    assert decision.can_generate
