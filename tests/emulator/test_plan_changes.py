"""Users who are put on plans and get subscriptions by hand: when it holds, and that it mints nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import InvalidArgument, NotAllowed, NotFound, PlanNotFound
from tests.emulator.books import assert_books_balance
from tests.emulator.desk import Desk, open_desk
from tests.emulator.racing import outcomes, race
from tests.emulator.world import START, row
from tests.functions.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.world import World

APRIL = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture
def desk(world: World) -> Desk:
    world.check()
    return open_desk(world)


def test_an_upgrade_holds_at_once_and_what_was_used_stays_used(world: World, desk: Desk) -> None:
    """A12"""
    world.generate()
    changed = desk.plan("plus")
    assert (changed.quota_before.plan_id, changed.quota.plan_id) == ("free", "plus")
    assert row(world.check()) == (100, 1, 0)
    assert world.user()["nextResetDate"] == APRIL


def test_up_and_down_and_up_again_mints_nothing(world: World, desk: Desk) -> None:
    """D10"""
    for _ in range(10):
        world.generate()
    for plan_id in ("plus", "free", "pro", None, "plus", "free"):
        desk.plan(plan_id)
        assert row(world.check())[1] == 10
    assert world.check().refusal is not None
    for _ in range(3):
        desk.subscribe("plus")
        used = row(world.check())[1]
        world.generate()
        desk.unsubscribe()
        assert row(world.check())[1] == used + 1
    assert row(world.check())[1] == 3, "the first one began a period, as a purchase does"
    assert_books_balance(world.db)


def test_a_lower_plan_waits_for_the_end_of_what_is_paid_for(world: World, desk: Desk) -> None:
    """D11"""
    world.subscribe(START, START + timedelta(days=30), planId="pro", cancelAtPeriodEnd=True)
    changed = desk.plan("plus")
    assert (changed.edit.after["planId"], changed.quota.plan_id) == ("plus", "pro")
    world.pass_time(days=29)
    assert world.check().plan_id == "pro"
    world.pass_time(days=2)
    assert world.check().plan_id == "plus"


def test_a_lower_plan_holds_at_once_if_the_operator_says_so(world: World, desk: Desk) -> None:
    """D11"""
    world.subscribe(START, START + timedelta(days=30), planId="pro")
    desk.plan("plus", at_once=True)
    assert world.check().plan_id == "plus"


@pytest.mark.parametrize("plan_id", ["plus", "pro"])
def test_as_much_or_more_than_is_paid_for_holds_at_once(
    world: World, desk: Desk, plan_id: str
) -> None:
    world.plan("silver", limits={"period": 200}, rank=1)
    world.subscribe(START, START + timedelta(days=30), planId="silver", cancelAtPeriodEnd=True)
    desk.plan(plan_id)
    assert world.check().plan_id == plan_id
    world.pass_time(days=40)
    assert world.check().plan_id == plan_id, "and goes on when the subscription has ended"


def test_a_plan_for_a_time_gives_way_to_what_was_before(world: World, desk: Desk) -> None:
    desk.plan("plus")
    until = START + timedelta(days=2)
    desk.plan("pro", expires_at=until)
    assert (world.check().plan_id, world.user()["planId"]) == ("pro", "plus")
    world.now = until
    assert world.check().plan_id == "plus"


def test_less_than_is_paid_for_is_not_had_for_a_time_by_mistake(world: World, desk: Desk) -> None:
    world.subscribe(START, START + timedelta(days=30), planId="pro")
    until = START + timedelta(days=2)
    with pytest.raises(InvalidArgument):
        desk.plan("plus", expires_at=until)
    desk.plan("plus", expires_at=until, at_once=True)
    assert world.check().plan_id == "plus"
    with pytest.raises(InvalidArgument):
        desk.plan("pro", expires_at=START)


def test_null_gives_back_whatever_the_user_has_without_operators(world: World, desk: Desk) -> None:
    world.subscribe(START, START + timedelta(days=30))
    desk.plan("pro")
    desk.plan("pro", expires_at=START + timedelta(days=2))
    desk.plan(None)
    assert world.check().plan_id == "plus"
    assert "planId" not in world.user()
    assert world.user()["quota"]["overrides"] == {}


def test_a_plan_that_is_not_there_is_not_found(world: World, desk: Desk) -> None:
    world.plan("broken", limits={"period": "ten"})
    before = contents(world.db)
    for plan_id in ("gone", "broken", "", "a/b"):
        with pytest.raises(PlanNotFound):
            desk.plan(plan_id)
        with pytest.raises(PlanNotFound):
            desk.subscribe(plan_id)
    assert contents(world.db) == before


def test_a_plan_that_was_written_a_moment_ago_is_found_though_its_lack_is_remembered(
    world: World, desk: Desk
) -> None:
    world.set_policy(plan_cache=timedelta(hours=1))
    with pytest.raises(PlanNotFound):
        desk.plan("team")
    world.plan("team", limits={"period": 50})
    desk.plan("team")
    assert row(world.check()) == (50, 0, 0)


def test_a_manual_subscription_stands_in_its_document_and_with_the_user(
    world: World, desk: Desk
) -> None:
    end = START + timedelta(days=30)
    desk.subscribe("pro", current_period_end=end)
    document = world.db.document("subscriptions/m1").get().to_dict() or {}
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
    assert world.user()["subscription"] == {
        "id": "m1",
        **public,
        "currentPeriodEnd": end,
        "cancelAtPeriodEnd": False,
    }
    assert world.user()["nextResetDate"] == end, "a month is as long as its subscription says"
    world.now = end + timedelta(hours=25)
    assert world.check().plan_id == "free"


def test_what_is_not_said_again_keeps_its_start(world: World, desk: Desk) -> None:
    desk.subscribe("plus")
    world.generate()
    world.pass_time(days=3)
    desk.subscribe("pro", status="past_due")
    document = world.db.document("subscriptions/m1").get().to_dict() or {}
    assert [document[name] for name in ("anchor", "currentPeriodStart", "createdAt")] == [START] * 3
    assert row(world.check()) == (1000, 1, 0)


def test_a_trial_lasts_as_long_as_the_plan_says_and_ends_on_time(world: World, desk: Desk) -> None:
    """D14: what is used in it is used in the period that runs, and stays when it is bought."""
    world.plan("team", limits={"period": 50}, trialDays=7, rank=3)
    world.generate()
    desk.subscribe("team", status="trialing")
    world.generate()
    assert row(world.check()) == (50, 2, 0)
    document = world.db.document("subscriptions/m1").get().to_dict() or {}
    assert (document["trialStart"], document["trialEnd"]) == (START, START + timedelta(days=7))
    world.now = START + timedelta(days=7)
    assert row(world.check()) == (10, 2, 0)
    desk.subscribe("team", current_period_start=world.now)
    assert row(world.check()) == (50, 0, 0), "a purchase begins a period"
    assert [each["used"] for each in world.closed("period")] == [2]
    with pytest.raises(InvalidArgument):
        desk.subscribe("plus", id_="m2", status="trialing")


@pytest.mark.parametrize(
    "command",
    [
        {"current_period_start": START + timedelta(seconds=1)},
        {"current_period_end": START},
        {"current_period_start": START, "current_period_end": START - timedelta(days=1)},
    ],
)
def test_a_period_that_cannot_be_is_refused(desk: Desk, command: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        desk.subscribe("plus", **command)


def test_what_a_provider_sold_is_changed_there(world: World, desk: Desk) -> None:
    sold = {"userId": "ada", "provider": "stripe", "planId": "plus", "status": "active"}
    world.db.document("subscriptions/m1").set(sold)
    before = contents(world.db)
    with pytest.raises(NotAllowed, match="stripe"):
        desk.subscribe("pro")
    with pytest.raises(NotAllowed, match="stripe"):
        desk.unsubscribe()
    assert contents(world.db) == before


def test_a_subscription_of_another_user_is_left_alone(world: World, desk: Desk) -> None:
    world.check("eve")
    desk.subscribe("plus", "eve")
    before = contents(world.db)
    with pytest.raises(NotAllowed):
        desk.subscribe("pro", "ada")
    for id_ in ("m1", "none", "a/b"):
        with pytest.raises(NotFound):
            desk.unsubscribe("ada", id_)
    assert contents(world.db) == before


def test_a_cancelled_one_gives_its_plan_until_it_ends_and_no_longer(
    world: World, desk: Desk
) -> None:
    desk.subscribe("plus", current_period_end=START + timedelta(days=2))
    desk.subscribe("plus", status="canceled")
    assert world.check().plan_id == "plus"
    world.pass_time(days=2)
    assert world.check().plan_id == "free"


def test_what_somebody_wrote_by_hand_and_is_none_can_be_written_anew(
    world: World, desk: Desk
) -> None:
    world.db.document("subscriptions/m1").set({"userId": "ada", "provider": "manual"})
    with pytest.raises(NotFound):
        desk.unsubscribe()
    desk.subscribe("plus")
    assert world.check().plan_id == "plus"


def test_the_best_of_several_counts_and_what_is_ended_falls_back_to_the_next(
    world: World, desk: Desk
) -> None:
    desk.subscribe("plus", id_="m1")
    desk.subscribe("pro", id_="m2")
    assert world.check().plan_id == "pro"
    desk.unsubscribe(id_="m2")
    assert (world.check().plan_id, world.user()["subscription"]["id"]) == ("plus", "m1")
    desk.unsubscribe(id_="m1")
    assert (world.check().plan_id, world.user()["subscription"]) == ("free", None)
    assert (world.db.document("subscriptions/m2").get().to_dict() or {})["status"] == "expired"
    for number in range(20):
        desk.subscribe("plus", id_=f"n{number}")
    with pytest.raises(InvalidArgument):
        desk.subscribe("plus", id_="one-too-many")


def test_an_upgrade_keeps_what_was_bought(world: World, desk: Desk) -> None:
    """D12"""
    desk.give(5, purchased=True)
    for _ in range(12):
        world.generate()
    assert world.check().grants_remaining == 3
    desk.plan("plus")
    desk.subscribe("pro")
    desk.unsubscribe()
    desk.plan(None)
    assert world.check().grants_remaining == 3
    assert_books_balance(world.db)


@pytest.mark.usefixtures("without_lanes")
def test_creates_and_reports_at_once_with_changes_of_plan_lose_nothing_and_pass_no_limit(
    world: World, desk: Desk
) -> None:
    """D10, A12"""
    opened = [world.create() for _ in range(3)]
    results = race(
        [lambda: desk.plan("plus"), lambda: desk.limits(limits={"period": 8})]
        + [lambda: desk.limits(limits={"period": 6}, rates={"maxOpen": 50})]
        + [lambda o=each: world.report(o, "success") for each in opened]
        + [world.create] * 12
    )
    assert set(outcomes(results)) <= {"ok", "quota-exceeded"}
    assert all(not isinstance(each, Exception) for each in results[:6])
    _, used, reserved = row(world.check())
    assert used == 3
    assert reserved == sum(not isinstance(each, Exception) for each in results[6:])
    assert used + reserved <= 10 or world.check().plan_id == "plus"
    assert_books_balance(world.db)
