"""Which of a user's subscriptions counts, call by call, without any job having run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.words import SubscriptionStatus
from genquota.store.user.subscription_copy import subscription_to_text
from tests.emulator.world import START
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.world import World

MONTH = timedelta(days=30)


def hold(
    world: World,
    name: str,
    plan_id: str,
    end: datetime | None = START + MONTH,
    **facts: Any,  # noqa: ANN401
) -> None:
    """Give ada a subscription, as webhooks and operators do: in the quota of her document."""
    known = {"anchor": START, "current_period_start": START, "current_period_end": end}
    status = facts.pop("status", SubscriptionStatus.ACTIVE)
    sub = Subscription(name, plan_id, status, **{**known, **facts})
    world.edit(**{f"quota__subscriptions__{name}": subscription_to_text(sub)})


@pytest.fixture(autouse=True)
def plans(world: World) -> None:
    world.plan("free", limits={"period": 10})
    world.plan("plus", limits={"period": 100}, rank=1)
    world.plan("pro", limits={"period": 1000}, rank=2)


def plan_of(world: World) -> str | None:
    return world.check().plan_id


def test_the_best_of_several_counts_and_clients_see_it(world: World) -> None:
    hold(world, "s1", "plus")
    hold(world, "s2", "pro", START + timedelta(days=2))
    world.create()
    assert plan_of(world) == "pro"
    assert world.user()["subscription"] == {
        "id": "s2",
        "planId": "pro",
        "status": "active",
        "anchor": START,
        "currentPeriodStart": START,
        "currentPeriodEnd": START + timedelta(days=2),
        "cancelAtPeriodEnd": False,
    }


def test_an_unpaid_one_of_higher_rank_gives_way_when_it_ends(world: World) -> None:
    hold(world, "s1", "plus")
    hold(world, "s2", "pro", START + timedelta(days=2), status=SubscriptionStatus.CANCELED)
    assert plan_of(world) == "pro"
    world.pass_time(days=2)
    assert plan_of(world) == "plus"


def test_what_has_ended_falls_back_to_the_default_plan_and_the_next_commit_says_so(
    world: World,
) -> None:
    hold(world, "s1", "plus", START + timedelta(days=2), cancel_at_period_end=True)
    world.create()
    world.pass_time(days=2)
    assert plan_of(world) == "free"
    assert world.usage()[0].account.subscription is None
    world.create()
    assert world.user()["subscription"] is None


def test_a_downgrade_comes_with_the_end_of_the_paid_period(world: World) -> None:
    hold(world, "s1", "pro", START + timedelta(days=2), next_plan_id="plus")
    assert plan_of(world) == "pro"
    world.pass_time(days=2)
    assert plan_of(world) == "plus"


def test_an_edit_of_a_rank_counts_with_the_next_call(world: World) -> None:
    hold(world, "s1", "plus")
    hold(world, "s2", "pro")
    assert plan_of(world) == "pro"
    world.plan("plus", limits={"period": 100}, rank=3)
    assert plan_of(world) == "plus"


def test_what_somebody_wrote_by_hand_is_obeyed_until_a_provider_speaks(world: World) -> None:
    world.subscribe(START, START + MONTH, planId="pro")
    assert plan_of(world) == "pro"
    hold(world, "s2", "plus")
    assert plan_of(world) == "plus"


def test_one_subscription_costs_no_call_more_and_two_read_their_plans_once_a_minute(
    world: World,
) -> None:
    world.set_policy(plan_cache=timedelta(minutes=1))
    hold(world, "s1", "plus")
    world.create()
    with counting(world.db) as one:
        world.check()
    hold(world, "s2", "pro")
    world.check()
    with counting(world.db) as two:
        world.check()
    assert (one.rpcs, one.documents_read) == (two.rpcs, two.documents_read) == (1, 1)
