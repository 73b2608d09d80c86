"""An operator's choice of plan, against what is paid for and what other operators said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from genquota.domain.changes.plan_change import SetPlanCommand, assign_plan
from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import Override
from tests.unit.samples import NOW, POLICY, account

SOON = NOW + timedelta(days=2)


def put(
    command: SetPlanCommand, rank: int = 1, paid_rank: int | None = None
) -> tuple[str | None, list[str]]:
    """Return the own plan, and the ids of the overrides that speak of plans."""
    after = assign_plan(account(), command, rank, paid_rank, NOW)
    return after.plan_id, [each.id for each in after.overrides if each.plan_id]


def test_without_a_subscription_it_is_the_users_own_plan() -> None:
    assert put(SetPlanCommand("plus")) == ("plus", [])


@pytest.mark.parametrize(
    ("rank", "paid_rank", "at_once", "laid"),
    [(2, 1, False, ["plan"]), (1, 1, False, ["plan"]), (1, 2, False, []), (1, 2, True, ["plan"])],
)
def test_over_a_subscription_it_is_laid_if_it_is_not_less_or_cannot_wait(
    rank: int,
    paid_rank: int,
    at_once: bool,  # noqa: FBT001
    laid: list[str],
) -> None:
    assert put(SetPlanCommand("plus", at_once=at_once), rank, paid_rank) == ("plus", laid)


def test_for_a_time_it_is_laid_and_the_own_plan_stays() -> None:
    assert put(SetPlanCommand("plus", expires_at=SOON)) == (None, ["plan-for-a-time"])
    before = account(plan_id="pro")
    after = assign_plan(before, SetPlanCommand("plus", expires_at=SOON), 1, None, NOW)
    assert (after.plan_id, after.plan_in_force(NOW, POLICY)) == ("pro", "plus")
    assert after.plan_in_force(SOON, POLICY) == "pro"


def test_fractions_of_the_last_second_are_left_out_as_they_are_when_it_is_read() -> None:
    command = SetPlanCommand("plus", expires_at=SOON + timedelta(microseconds=7))
    assert assign_plan(account(), command, 1, None, NOW).overrides[0].expires_at == SOON


def test_for_a_time_that_is_over_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        put(SetPlanCommand("plus", expires_at=NOW))


def test_what_other_operators_said_of_the_plan_is_replaced_and_of_limits_stays() -> None:
    campaign = Override("o1", "max", {(Window.DAY, None): 5}, expires_at=SOON, created_at=NOW)
    before = account(overrides=(campaign,))
    for command in (SetPlanCommand("plus"), SetPlanCommand(None)):
        after = assign_plan(before, command, 1, None, NOW)
        assert after.overrides == (replace(campaign, plan_id=None),)


def test_the_same_again_is_the_same() -> None:
    once = assign_plan(account(), SetPlanCommand("plus"), 1, 1, NOW)
    assert assign_plan(once, SetPlanCommand("plus"), 1, 1, SOON) == once
