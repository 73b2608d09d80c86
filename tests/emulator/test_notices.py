"""Notices: written in the commit that settles or rolls, once, and without a call of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.books import assert_books_balance
from tests.emulator.racing import outcomes, race
from tests.emulator.world import START, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.world import World

APRIL, MAY = datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
MARCH_80 = "period_20270301T000000Z_10_80"
MARCH_100 = "period_20270301T000000Z_10_100"


def notices(world: World, uid: str = "ada") -> dict[str, dict[str, Any]]:
    found = world.db.collection(f"users/{uid}/notices").stream()
    return {each.id: each.to_dict() or {} for each in found}


def test_a_notice_comes_at_80_and_at_100_per_cent_of_a_limit_and_says_what_it_is_about(
    world: World,
) -> None:
    """F3"""
    for _ in range(7):
        world.generate()
    assert notices(world) == {}
    world.generate()
    assert notices(world) == {
        MARCH_80: {
            "kind": "limit",
            "window": "period",
            "type": None,
            "threshold": 80,
            "limit": 10,
            "used": 8,
            "start": datetime(2027, 3, 1, tzinfo=UTC),
            "resetsAt": APRIL,
            "createdAt": START,
            "deleteAt": APRIL + timedelta(days=30),
        }
    }
    world.generate()
    assert notices(world).keys() == {MARCH_80}
    world.generate()
    assert notices(world).keys() == {MARCH_80, MARCH_100}


def test_a_notice_costs_one_write_in_the_commit_that_it_tells_of_and_nothing_else_does(
    world: World,
) -> None:
    for _ in range(6):
        world.generate()
    for expected in (2, 3, 2, 3):
        opened = world.create()
        with counting(world.db) as calls:
            world.report(opened, "success")
        assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=expected)


def test_a_threshold_is_not_told_again_after_a_refund_but_after_an_upgrade_and_in_a_new_window(
    world: World,
) -> None:
    """F3"""
    world.generate(count=8)
    world.plan("big", limits={"period": 20})
    world.edit(planId="big")
    world.generate(count=8)
    assert notices(world).keys() == {MARCH_80, "period_20270301T000000Z_20_80"}
    world.edit(planId="free")
    world.db.document(f"users/ada/notices/{MARCH_80}").delete()
    world.edit(planId="big")
    world.generate(count=1)
    assert MARCH_80 not in notices(world), "it was told, though it is not kept any more"
    world.edit(planId="free")
    world.now = APRIL
    world.generate(count=8)
    assert {"period_20270401T000000Z_10_80", "period_20270401T000000Z"} <= notices(world).keys()


def test_what_a_grant_pays_reaches_no_threshold(world: World) -> None:
    world.plan(limits={"period": 1})
    world.generate()
    assert notices(world).keys() == {"period_20270301T000000Z_1_100"}
    world.grant("g", 5)
    world.generate(count=5)
    assert len(notices(world)) == 1


@pytest.mark.parametrize("rolled_by", ["call", "reset_periods"])
def test_a_new_period_is_told_whoever_rolls_it(world: World, rolled_by: str) -> None:
    """F3"""
    world.generate()
    world.now = APRIL
    if rolled_by == "reset_periods":
        assert world.reset_periods().users == 1
    world.create()
    world.reset_periods()
    assert notices(world) == {
        "period_20270401T000000Z": {
            "kind": "period",
            "window": "period",
            "type": None,
            "limit": 10,
            "used": 0,
            "start": APRIL,
            "resetsAt": MAY,
            "createdAt": APRIL,
            "deleteAt": MAY + timedelta(days=30),
        }
    }


def test_a_period_in_which_nothing_was_counted_ends_in_silence(world: World) -> None:
    world.check()
    world.now = APRIL
    world.create()
    assert notices(world) == {}


def test_nothing_is_told_of_an_unlimited_plan(world: World) -> None:
    """F3"""
    world.plan(limits={"period": -1, "day": 0}, overage=-1)
    world.generate(count=9)
    world.now = APRIL
    world.generate()
    assert notices(world) == {}


def test_with_notices_off_nothing_is_kept_nor_remembered(world: World) -> None:
    world.set_policy(notices_are_kept=False)
    world.generate(count=10)
    assert notices(world) == {}
    assert "notices" not in world.user()["quota"]


def test_what_was_told_is_forgotten_when_its_window_ends(world: World) -> None:
    world.generate(count=10)
    assert "notices" in world.user()["quota"]
    world.now = APRIL
    world.reset_periods()
    assert "notices" not in world.user()["quota"]


@pytest.mark.usefixtures("without_lanes")
def test_reports_at_once_tell_each_threshold_once(world: World, other: World) -> None:
    """F3, A9: an attempt that was overtaken leaves nothing behind."""
    opened = [world.create() for _ in range(10)]
    calls = [
        lambda each=each, at=at: (world, other)[at % 2].report(each, "success")
        for at, each in enumerate(opened)
    ]
    assert outcomes(race(calls)) == {"ok": 10}
    assert notices(world).keys() == {MARCH_80, MARCH_100}
    assert [each["used"] for each in notices(world).values()] == [10, 8]
    assert row(world.check()) == (10, 10, 0)
    assert_books_balance(world.db)
