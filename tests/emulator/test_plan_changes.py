"""Users who are put on plans and get subscriptions by hand: when it holds, and that it mints nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import InvalidArgument, NotAllowed, NotFound, PlanNotFound
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

APRIL = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    env.check()
    return operator_actions(env)


def test_an_upgrade_holds_at_once_and_what_was_used_stays_used(
    env: Environment, operator: OperatorActions
) -> None:
    """A12"""
    env.generate()
    changed = operator.plan("plus")
    assert (changed.quota_before.plan_id, changed.quota.plan_id) == ("free", "plus")
    assert row(env.check()) == (100, 1, 0)
    assert env.user()["nextResetDate"] == APRIL


def test_up_and_down_and_up_again_mints_nothing(
    env: Environment, operator: OperatorActions
) -> None:
    """D10"""
    for _ in range(10):
        env.generate()
    for plan_id in ("plus", "free", "pro", None, "plus", "free"):
        operator.plan(plan_id)
        assert row(env.check())[1] == 10
    assert env.check().refusal is not None
    for _ in range(3):
        operator.subscribe("plus")
        used = row(env.check())[1]
        env.generate()
        operator.unsubscribe()
        assert row(env.check())[1] == used + 1
    assert row(env.check())[1] == 3, "the first one began a period, as a purchase does"
    assert_counters_match_records(env.db)


def test_a_lower_plan_waits_for_the_end_of_what_is_paid_for(
    env: Environment, operator: OperatorActions
) -> None:
    """D11"""
    env.subscribe(START, START + timedelta(days=30), planId="pro", cancelAtPeriodEnd=True)
    changed = operator.plan("plus")
    assert (changed.edit.after["planId"], changed.quota.plan_id) == ("plus", "pro")
    env.pass_time(days=29)
    assert env.check().plan_id == "pro"
    env.pass_time(days=2)
    assert env.check().plan_id == "plus"


def test_a_lower_plan_holds_at_once_if_the_operator_says_so(
    env: Environment, operator: OperatorActions
) -> None:
    """D11"""
    env.subscribe(START, START + timedelta(days=30), planId="pro")
    operator.plan("plus", at_once=True)
    assert env.check().plan_id == "plus"


@pytest.mark.parametrize("plan_id", ["plus", "pro"])
def test_as_much_or_more_than_is_paid_for_holds_at_once(
    env: Environment, operator: OperatorActions, plan_id: str
) -> None:
    env.plan("silver", limits={"period": 200}, rank=1)
    env.subscribe(START, START + timedelta(days=30), planId="silver", cancelAtPeriodEnd=True)
    operator.plan(plan_id)
    assert env.check().plan_id == plan_id
    env.pass_time(days=40)
    assert env.check().plan_id == plan_id, "and goes on when the subscription has ended"


def test_a_plan_for_a_time_gives_way_to_what_was_before(
    env: Environment, operator: OperatorActions
) -> None:
    operator.plan("plus")
    until = START + timedelta(days=2)
    operator.plan("pro", expires_at=until)
    assert (env.check().plan_id, env.user()["planId"]) == ("pro", "plus")
    env.now = until
    assert env.check().plan_id == "plus"


def test_less_than_is_paid_for_is_not_had_for_a_time_by_mistake(
    env: Environment, operator: OperatorActions
) -> None:
    env.subscribe(START, START + timedelta(days=30), planId="pro")
    until = START + timedelta(days=2)
    with pytest.raises(InvalidArgument):
        operator.plan("plus", expires_at=until)
    operator.plan("plus", expires_at=until, at_once=True)
    assert env.check().plan_id == "plus"
    with pytest.raises(InvalidArgument):
        operator.plan("pro", expires_at=START)


def test_null_gives_back_whatever_the_user_has_without_operators(
    env: Environment, operator: OperatorActions
) -> None:
    env.subscribe(START, START + timedelta(days=30))
    operator.plan("pro")
    operator.plan("pro", expires_at=START + timedelta(days=2))
    operator.plan(None)
    assert env.check().plan_id == "plus"
    assert "planId" not in env.user()
    assert env.user()["quota"]["overrides"] == {}


def test_a_plan_that_is_not_there_is_not_found(env: Environment, operator: OperatorActions) -> None:
    env.plan("broken", limits={"period": "ten"})
    before = contents(env.db)
    for plan_id in ("gone", "broken", "", "a/b"):
        with pytest.raises(PlanNotFound):
            operator.plan(plan_id)
        with pytest.raises(PlanNotFound):
            operator.subscribe(plan_id)
    assert contents(env.db) == before


def test_a_plan_that_was_written_a_moment_ago_is_found_though_its_lack_is_remembered(
    env: Environment, operator: OperatorActions
) -> None:
    env.set_policy(plan_cache=timedelta(hours=1))
    with pytest.raises(PlanNotFound):
        operator.plan("team")
    env.plan("team", limits={"period": 50})
    operator.plan("team")
    assert row(env.check()) == (50, 0, 0)


def test_a_manual_subscription_stands_in_its_document_and_with_the_user(
    env: Environment, operator: OperatorActions
) -> None:
    end = START + timedelta(days=30)
    operator.subscribe("pro", current_period_end=end)
    document = env.db.document("subscriptions/m1").get().to_dict() or {}
    assert document == {
        "userId": "ada",
        "provider": "manual",
        "planId": "pro",
        "status": "active",
        "anchor": START,
        "currentPeriodStart": START,
        "currentPeriodEnd": end,
        "cancelAtPeriodEnd": False,
        "providerUpdatedAt": START,
        "createdAt": START,
        "updatedAt": START,
        "metadata": {},
    }
    public = {name: document[name] for name in ("planId", "status", "anchor", "currentPeriodStart")}
    assert env.user()["subscription"] == {
        "id": "m1",
        **public,
        "currentPeriodEnd": end,
        "cancelAtPeriodEnd": False,
    }
    assert env.user()["nextResetDate"] == end, "a month is as long as its subscription says"
    env.now = end + timedelta(hours=25)
    assert env.check().plan_id == "free"


def test_what_is_not_said_again_keeps_its_start(
    env: Environment, operator: OperatorActions
) -> None:
    operator.subscribe("plus")
    env.generate()
    env.pass_time(days=3)
    operator.subscribe("pro", status="past_due")
    document = env.db.document("subscriptions/m1").get().to_dict() or {}
    assert [document[name] for name in ("anchor", "currentPeriodStart", "createdAt")] == [START] * 3
    assert row(env.check()) == (1000, 1, 0)


def test_a_trial_lasts_as_long_as_the_plan_says_and_ends_on_time(
    env: Environment, operator: OperatorActions
) -> None:
    """D14: what is used in it is used in the period that runs, and stays when it is bought."""
    env.plan("team", limits={"period": 50}, trialDays=7, rank=3)
    env.generate()
    operator.subscribe("team", status="trialing")
    env.generate()
    assert row(env.check()) == (50, 2, 0)
    document = env.db.document("subscriptions/m1").get().to_dict() or {}
    assert (document["trialStart"], document["trialEnd"]) == (START, START + timedelta(days=7))
    env.now = START + timedelta(days=7)
    assert row(env.check()) == (10, 2, 0)
    operator.subscribe("team", current_period_start=env.now)
    assert row(env.check()) == (50, 0, 0), "a purchase begins a period"
    assert [each["used"] for each in env.closed("period")] == [2]
    with pytest.raises(InvalidArgument):
        operator.subscribe("plus", id_="m2", status="trialing")


@pytest.mark.parametrize(
    "command",
    [
        {"current_period_start": START + timedelta(seconds=1)},
        {"current_period_end": START},
        {"current_period_start": START, "current_period_end": START - timedelta(days=1)},
    ],
)
def test_a_period_that_cannot_be_is_refused(
    operator: OperatorActions, command: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgument):
        operator.subscribe("plus", **command)


def test_what_a_provider_sold_is_changed_there(env: Environment, operator: OperatorActions) -> None:
    sold = {"userId": "ada", "provider": "stripe", "planId": "plus", "status": "active"}
    env.db.document("subscriptions/m1").set(sold)
    before = contents(env.db)
    with pytest.raises(NotAllowed, match="stripe"):
        operator.subscribe("pro")
    with pytest.raises(NotAllowed, match="stripe"):
        operator.unsubscribe()
    assert contents(env.db) == before


def test_a_subscription_of_another_user_is_left_alone(
    env: Environment, operator: OperatorActions
) -> None:
    env.check("eve")
    operator.subscribe("plus", "eve")
    before = contents(env.db)
    with pytest.raises(NotAllowed):
        operator.subscribe("pro", "ada")
    for id_ in ("m1", "none", "a/b"):
        with pytest.raises(NotFound):
            operator.unsubscribe("ada", id_)
    assert contents(env.db) == before


def test_a_cancelled_one_gives_its_plan_until_it_ends_and_no_longer(
    env: Environment, operator: OperatorActions
) -> None:
    operator.subscribe("plus", current_period_end=START + timedelta(days=2))
    operator.subscribe("plus", status="canceled")
    assert env.check().plan_id == "plus"
    env.pass_time(days=2)
    assert env.check().plan_id == "free"


def test_what_somebody_wrote_by_hand_and_is_none_can_be_written_anew(
    env: Environment, operator: OperatorActions
) -> None:
    env.db.document("subscriptions/m1").set({"userId": "ada", "provider": "manual"})
    with pytest.raises(NotFound):
        operator.unsubscribe()
    operator.subscribe("plus")
    assert env.check().plan_id == "plus"


def test_the_best_of_several_counts_and_what_is_ended_falls_back_to_the_next(
    env: Environment, operator: OperatorActions
) -> None:
    operator.subscribe("plus", id_="m1")
    operator.subscribe("pro", id_="m2")
    assert env.check().plan_id == "pro"
    operator.unsubscribe(id_="m2")
    assert (env.check().plan_id, env.user()["subscription"]["id"]) == ("plus", "m1")
    operator.unsubscribe(id_="m1")
    assert (env.check().plan_id, env.user()["subscription"]) == ("free", None)
    assert (env.db.document("subscriptions/m2").get().to_dict() or {})["status"] == "expired"
    for number in range(20):
        operator.subscribe("plus", id_=f"n{number}")
    with pytest.raises(InvalidArgument):
        operator.subscribe("plus", id_="one-too-many")


def test_an_upgrade_keeps_what_was_bought(env: Environment, operator: OperatorActions) -> None:
    """D12"""
    operator.give(5, purchased=True)
    for _ in range(12):
        env.generate()
    assert env.check().grants_remaining == 3
    operator.plan("plus")
    operator.subscribe("pro")
    operator.unsubscribe()
    operator.plan(None)
    assert env.check().grants_remaining == 3
    assert_counters_match_records(env.db)


@pytest.mark.usefixtures("without_lock_stripes")
def test_creates_and_reports_at_once_with_changes_of_plan_lose_nothing_and_pass_no_limit(
    env: Environment, operator: OperatorActions
) -> None:
    """D10, A12"""
    opened = [env.create() for _ in range(3)]
    results = race(
        [lambda: operator.plan("plus"), lambda: operator.limits(limits={"period": 8})]
        + [lambda: operator.limits(limits={"period": 6}, rates={"maxOpen": 50})]
        + [lambda o=each: env.report(o, "success") for each in opened]
        + [env.create] * 12
    )
    assert set(outcomes(results)) <= {"ok", "quota-exceeded"}
    assert all(not isinstance(each, Exception) for each in results[:6])
    _, used, reserved = row(env.check())
    assert used == 3
    assert reserved == sum(not isinstance(each, Exception) for each in results[6:])
    assert used + reserved <= 10 or env.check().plan_id == "plus"
    assert_counters_match_records(env.db)
