"""Which of a user's subscriptions counts, call by call, without any job having run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.plans.subscriptions import Subscription
from genquota.store.user.subscription_copy import subscription_to_text
from tests.emulator.environment import START
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

MONTH = timedelta(days=30)


def hold(
    env: Environment,
    name: str,
    plan_id: str,
    end: datetime | None = START + MONTH,
    **facts: Any,  # noqa: ANN401
) -> None:
    """Give ada a subscription, as webhooks and operators do: in the quota of her document."""
    known = {"anchor": START, "current_period_start": START, "current_period_end": end}
    status = facts.pop("status", SubscriptionStatus.ACTIVE)
    sub = Subscription(name, plan_id, status, **{**known, **facts})
    env.edit(**{f"quota__subscriptions__{name}": subscription_to_text(sub)})


@pytest.fixture(autouse=True)
def plans(env: Environment) -> None:
    env.plan("free", limits={"period": 10})
    env.plan("plus", limits={"period": 100}, rank=1)
    env.plan("pro", limits={"period": 1000}, rank=2)


def plan_of(env: Environment) -> str | None:
    return env.check().plan_id


def test_the_best_of_several_counts_and_clients_see_it(env: Environment) -> None:
    hold(env, "s1", "plus")
    hold(env, "s2", "pro", START + timedelta(days=2))
    env.create()
    assert plan_of(env) == "pro"
    assert env.user()["subscription"] == {
        "id": "s2",
        "planId": "pro",
        "status": "active",
        "anchor": START,
        "currentPeriodStart": START,
        "currentPeriodEnd": START + timedelta(days=2),
        "cancelAtPeriodEnd": False,
    }


def test_an_unpaid_one_of_higher_rank_gives_way_when_it_ends(env: Environment) -> None:
    hold(env, "s1", "plus")
    hold(env, "s2", "pro", START + timedelta(days=2), status=SubscriptionStatus.CANCELED)
    assert plan_of(env) == "pro"
    env.pass_time(days=2)
    assert plan_of(env) == "plus"


def test_what_has_ended_falls_back_to_the_default_plan_and_the_next_commit_says_so(
    env: Environment,
) -> None:
    hold(env, "s1", "plus", START + timedelta(days=2), cancel_at_period_end=True)
    env.create()
    env.pass_time(days=2)
    assert plan_of(env) == "free"
    assert env.usage()[0].account.subscription is None
    env.create()
    assert env.user()["subscription"] is None


def test_a_downgrade_comes_with_the_end_of_the_paid_period(env: Environment) -> None:
    hold(env, "s1", "pro", START + timedelta(days=2), next_plan_id="plus")
    assert plan_of(env) == "pro"
    env.pass_time(days=2)
    assert plan_of(env) == "plus"


def test_an_edit_of_a_rank_counts_with_the_next_call(env: Environment) -> None:
    hold(env, "s1", "plus")
    hold(env, "s2", "pro")
    assert plan_of(env) == "pro"
    env.plan("plus", limits={"period": 100}, rank=3)
    assert plan_of(env) == "plus"


def test_what_somebody_wrote_by_hand_is_obeyed_until_a_provider_speaks(
    env: Environment,
) -> None:
    env.subscribe(START, START + MONTH, planId="pro")
    assert plan_of(env) == "pro"
    hold(env, "s2", "plus")
    assert plan_of(env) == "plus"


def test_one_subscription_costs_no_call_more_and_two_read_their_plans_once_a_minute(
    env: Environment,
) -> None:
    env.set_policy(plan_cache=timedelta(minutes=1))
    hold(env, "s1", "plus")
    env.create()
    with counting(env.db) as one:
        env.check()
    hold(env, "s2", "pro")
    env.check()
    with counting(env.db) as two:
        env.check()
    assert (one.rpcs, one.documents_read) == (two.rpcs, two.documents_read) == (1, 1)
