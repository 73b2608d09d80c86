"""The same override for many users: once each, again without harm, and only for whom it is meant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import IdempotencyMismatch, InvalidArgument, PlanNotFound
from genquota.store.plans.subscribers import users_on_plan
from tests.emulator.desk import Desk, open_desk
from tests.emulator.racing import race
from tests.emulator.world import START, row
from tests.functions.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    for uid in ("ada", "bob", "cyd", "dan"):
        world.check(uid)
    for uid in ("bob", "dan"):
        world.edit(uid, planId="plus")
        world.generate(uid)
    return open_desk(world)


def test_users_on_a_plan_are_found_page_by_page(world: World, desk: Desk) -> None:
    desk.plan("plus", "cyd")
    first = users_on_plan(world.db, "plus", 2)
    assert first == ["bob", "cyd"]
    assert users_on_plan(world.db, "plus", 2, first[-1]) == ["dan"]
    assert users_on_plan(world.db, "free", 10) == ["ada"]
    assert users_on_plan(world.db, "gone", 10) == []


def test_an_override_holds_for_a_time_and_then_the_plan_counts_again(
    world: World, desk: Desk
) -> None:
    until = START + timedelta(days=2)
    for uid in users_on_plan(world.db, "plus", 10):
        desk.override(uid, "summer", planId="pro", rates={"maxOpen": 1}, expiresAt=until)
    assert row(world.check("bob")) == (1000, 1, 0)
    assert row(world.check("ada")) == (10, 0, 0)
    world.now = until
    assert row(world.check("bob")) == (100, 1, 0)


def test_doing_it_again_with_the_same_key_changes_nothing_but_other_terms_are_told(
    world: World, desk: Desk
) -> None:
    desk.override("bob", "summer", limits={"day": 5})
    before = contents(world.db)
    world.pass_time(hours=1)
    assert desk.override("bob", "summer", limits={"day": 5}).edit.is_done
    with pytest.raises(IdempotencyMismatch):
        desk.override("bob", "summer", limits={"day": 6})
    assert contents(world.db) == before
    desk.override("bob", "autumn", limits={"day": 6})
    assert row(world.check("bob"), "day") == (6, 1, 0)


def test_one_key_stays_its_own_override_beside_what_was_said_of_the_user_alone(
    world: World, desk: Desk
) -> None:
    desk.limits("bob", limits={"day": 9})
    desk.override("bob", "summer", limits={"week": 5})
    desk.limits("bob", limits={"month": 7})
    assert desk.override("bob", "summer", limits={"week": 5}).edit.is_done
    decision = world.check("bob")
    assert [row(decision, window)[0] for window in ("day", "week", "month")] == [9, 5, 7]


def test_whoever_has_left_the_plan_since_the_list_was_made_is_passed_over(
    world: World, desk: Desk
) -> None:
    world.edit("bob", planId="free")
    before = contents(world.db)
    passed = desk.override("bob", "summer", on="plus", limits={"day": 5})
    assert (passed.edit.is_done, dict(passed.edit.after)) == (True, {})
    assert contents(world.db) == before
    done = desk.override("dan", "summer", on="plus", planId="pro")
    assert (done.edit.is_done, done.quota.plan_id) == (False, "pro")
    assert desk.override("dan", "summer", on="plus", planId="pro").edit.after == {"planId": "pro"}


def test_null_takes_back_what_was_said(world: World, desk: Desk) -> None:
    desk.override("bob", "summer", planId="pro", limits={"day": 5})
    desk.override("bob", "back", planId=None, limits=None)
    assert world.user("bob")["quota"]["overrides"] == {}
    assert row(world.check("bob")) == (100, 1, 0)


def test_a_plan_that_is_not_there_is_laid_on_nobody(world: World, desk: Desk) -> None:
    before = contents(world.db)
    with pytest.raises(PlanNotFound):
        desk.override("bob", planId="gone")
    with pytest.raises(InvalidArgument):
        desk.override("bob", plan="pro")
    assert contents(world.db) == before


@pytest.mark.usefixtures("without_lanes")
def test_two_runs_at_once_lay_it_once(world: World, desk: Desk) -> None:
    results = race([lambda: desk.override("bob", "summer", limits={"day": 5})] * 4)
    assert sum(not each.edit.is_done for each in results) == 1
    assert len(desk.audit_log()) == 1
    assert len(world.user("bob")["quota"]["overrides"]) == 1
