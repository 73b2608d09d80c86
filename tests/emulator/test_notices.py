"""Notices: written in the commit that settles or rolls, once, and without a call of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

APRIL, MAY = datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
MARCH_80 = "period_20270301T000000Z_10_80"
MARCH_100 = "period_20270301T000000Z_10_100"


def notices(env: Environment, uid: str = "ada") -> dict[str, dict[str, Any]]:
    found = env.db.collection(f"users/{uid}/notices").stream()
    return {each.id: each.to_dict() or {} for each in found}


def test_a_notice_comes_at_80_and_at_100_per_cent_of_a_limit_and_says_what_it_is_about(
    env: Environment,
) -> None:
    """F3"""
    for _ in range(7):
        env.generate()
    assert notices(env) == {}
    env.generate()
    assert notices(env) == {
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
    env.generate()
    assert notices(env).keys() == {MARCH_80}
    env.generate()
    assert notices(env).keys() == {MARCH_80, MARCH_100}


def test_a_notice_costs_one_write_in_the_commit_that_it_tells_of_and_nothing_else_does(
    env: Environment,
) -> None:
    for _ in range(6):
        env.generate()
    for expected in (2, 3, 2, 3):
        opened = env.create()
        with counting(env.db) as calls:
            env.report(opened, "success")
        assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=expected)


def test_a_threshold_is_not_told_again_after_a_refund_but_after_an_upgrade_and_in_a_new_window(
    env: Environment,
) -> None:
    """F3"""
    env.generate(count=8)
    env.plan("big", limits={"period": 20})
    env.edit(planId="big")
    env.generate(count=8)
    assert notices(env).keys() == {MARCH_80, "period_20270301T000000Z_20_80"}
    env.edit(planId="free")
    env.db.document(f"users/ada/notices/{MARCH_80}").delete()
    env.edit(planId="big")
    env.generate(count=1)
    assert MARCH_80 not in notices(env), "it was told, though it is not kept any more"
    env.edit(planId="free")
    env.now = APRIL
    env.generate(count=8)
    assert {"period_20270401T000000Z_10_80", "period_20270401T000000Z"} <= notices(env).keys()


def test_what_a_grant_pays_reaches_no_threshold(env: Environment) -> None:
    env.plan(limits={"period": 1})
    env.generate()
    assert notices(env).keys() == {"period_20270301T000000Z_1_100"}
    env.grant("g", 5)
    env.generate(count=5)
    assert len(notices(env)) == 1


@pytest.mark.parametrize("rolled_by", ["call", "reset_periods"])
def test_a_new_period_is_told_whoever_rolls_it(env: Environment, rolled_by: str) -> None:
    """F3"""
    env.generate()
    env.now = APRIL
    if rolled_by == "reset_periods":
        assert env.reset_periods().users == 1
    env.create()
    env.reset_periods()
    assert notices(env) == {
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


def test_a_period_in_which_nothing_was_counted_ends_in_silence(env: Environment) -> None:
    env.check()
    env.now = APRIL
    env.create()
    assert notices(env) == {}


def test_nothing_is_told_of_an_unlimited_plan(env: Environment) -> None:
    """F3"""
    env.plan(limits={"period": -1, "day": 0}, overage=-1)
    env.generate(count=9)
    env.now = APRIL
    env.generate()
    assert notices(env) == {}


def test_with_notices_off_nothing_is_kept_nor_remembered(env: Environment) -> None:
    env.set_policy(notices_are_kept=False)
    env.generate(count=10)
    assert notices(env) == {}
    assert "notices" not in env.user()["quota"]


def test_what_was_told_is_forgotten_when_its_window_ends(env: Environment) -> None:
    env.generate(count=10)
    assert "notices" in env.user()["quota"]
    env.now = APRIL
    env.reset_periods()
    assert "notices" not in env.user()["quota"]


@pytest.mark.usefixtures("without_lock_stripes")
def test_reports_at_once_tell_each_threshold_once(env: Environment, other: Environment) -> None:
    """F3, A9: an attempt that was overtaken leaves nothing behind."""
    opened = [env.create() for _ in range(10)]
    calls = [
        lambda each=each, at=at: (env, other)[at % 2].report(each, "success")
        for at, each in enumerate(opened)
    ]
    assert outcomes(race(calls)) == {"ok": 10}
    assert notices(env).keys() == {MARCH_80, MARCH_100}
    assert [each["used"] for each in notices(env).values()] == [10, 8]
    assert row(env.check()) == (10, 10, 0)
    assert_counters_match_records(env.db)
