"""A success that says how many outputs were made: in the store, through every way in, and afterwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import genquota
from genquota.domain.errors import GenerationClosed, InvalidArgument
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import OUTPUT, row
from tests.emulator.operator_actions import operator_actions
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

PRICES = [{"type": "image", "credits": 2}]


@pytest.fixture(autouse=True)
def terms(env: Environment) -> None:
    env.plan(limits={"day": 9, "period": 20}, prices=PRICES)


def four(env: Environment) -> Any:  # noqa: ANN401 - whatever opening returns
    return env.create(type="image", count=4)


def test_what_was_not_made_is_given_back_at_once(env: Environment) -> None:
    opened = four(env)
    assert row(env.check()) == (20, 0, 8)
    done = env.report(opened, "success", outputs=3, output_count=3)
    assert (done.generation.charged, done.generation.credits) == (6, 8)
    assert row(done.quota) == row(env.check()) == (20, 6, 0)
    record = env.record(opened)
    names = ("credits", "charged", "refunded", "outputCount", "count")
    assert [record[name] for name in names] == [8, 6, False, 3, 4]
    assert record["outputs"] == [OUTPUT] * 3
    assert env.user()["outputCount"] == 3
    assert_counters_match_records(env.db)
    assert env.reconcile().drifted == 0


def test_without_the_number_all_is_charged_as_ever(env: Environment) -> None:
    opened = four(env)
    assert env.report(opened, "success", outputs=3).generation.charged == 8
    assert "outputCount" not in env.record(opened)
    assert_counters_match_records(env.db)


def test_the_same_report_again_answers_the_same_and_writes_nothing(env: Environment) -> None:
    opened = env.create(key="k", type="image", count=4)
    first = env.report(opened, "success", outputs=1, output_count=1)
    with counting(env.db) as calls:
        again = env.report(opened, "success", outputs=1, output_count=1)
    assert calls.commits == 0
    assert again.generation == first.generation
    assert row(again.quota) == (20, 2, 0)
    assert env.create(key="k", type="image", count=4).generation.credits == 8
    # What has ended has ended: a second number changes nothing, as a second url does not.
    assert env.report(opened, "success", outputs=4, output_count=4).generation.charged == 2
    with pytest.raises(GenerationClosed):
        env.report(opened, "failed")
    assert_counters_match_records(env.db)


def test_more_than_was_asked_for_is_refused_and_changes_nothing(env: Environment) -> None:
    opened = four(env)
    with pytest.raises(InvalidArgument) as refusal:
        env.report(opened, "success", outputs=5, output_count=5)
    assert refusal.value.fields == (("outputCount", "more than the 4 that were asked for"),)
    assert env.record(opened)["generationStatus"] == "pending"
    assert row(env.check()) == (20, 0, 8)


def test_one_url_may_stand_for_the_outputs_that_are_counted(env: Environment) -> None:
    opened = four(env)
    done = env.report(opened, "success", outputs=1, output_count=3)
    assert (done.generation.charged, env.user()["outputCount"]) == (6, 3)
    assert_counters_match_records(env.db)


def test_of_several_reports_at_once_one_is_charged(env: Environment) -> None:
    opened = four(env)
    calls = [
        partial(env.report, opened, "success", outputs=n, output_count=n) for n in (1, 2, 3, 4)
    ]
    assert outcomes(race(calls * 2)) == {"ok": 8}
    charged = env.record(opened)["charged"]
    assert row(env.check()) == (20, charged, 0)
    assert charged == 2 * env.record(opened)["outputCount"]
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("swept", [False, True])
def test_a_late_success_is_charged_for_what_was_made(env: Environment, *, swept: bool) -> None:
    """B10"""
    opened = four(env)
    env.pass_time(days=1)
    if swept:
        env.expire_generations()
    done = env.report(opened, "success", outputs=3, output_count=3)
    assert (done.generation.charged, done.generation.late) == (6, True)
    assert env.day("2027-03-15")["used"] == 6
    assert (row(env.check(), "day"), row(env.check())) == ((9, 0, 0), (20, 6, 0))
    assert_counters_match_records(env.db)
    assert env.reconcile().drifted == 0


def test_what_was_not_made_makes_no_room_tomorrow(env: Environment) -> None:
    """B5"""
    env.now = env.now.replace(hour=23, minute=55)
    opened = four(env)
    env.pass_time(minutes=10)
    env.report(opened, "success", outputs=1, output_count=1)
    assert env.day("2027-03-15")["used"] == 2
    assert row(env.check(), "day") == (9, 0, 0)
    assert_counters_match_records(env.db)


def test_a_grant_gets_its_credits_back_before_the_plan(env: Environment) -> None:
    """B7"""
    env.plan(limits={"period": 5}, prices=PRICES)
    env.check()
    env.grant("gift", 4)
    opened = four(env)
    assert env.check().grants_remaining == 1
    done = env.report(opened, "success", outputs=3, output_count=3)
    assert row(done.quota) == (5, 5, 0)
    assert done.quota.grants_remaining == 3
    assert env.user()["quota"]["grants"]["gift"]["used"] == 1
    assert_counters_match_records(env.db)
    assert env.reconcile().drifted == 0


def test_a_refund_afterwards_gives_back_what_was_charged(env: Environment) -> None:
    operator = operator_actions(env)
    opened = four(env)
    env.report(opened, "success", outputs=3, output_count=3)
    env.pass_time(days=1)
    env.check()
    operator.refund(opened)
    assert (env.day("2027-03-15")["used"], row(env.check())) == (0, (20, 0, 0))
    record = env.record(opened)
    assert (record["charged"], record["refunded"], record["credits"]) == (0, True, 8)
    again = env.report(opened, "success", outputs=3, output_count=3)
    assert (again.generation.charged, again.generation.credits) == (0, 8)
    assert_counters_match_records(env.db)
    assert env.reconcile().drifted == 0


def test_what_cleanup_deletes_keeps_the_outputs_that_were_made(env: Environment) -> None:
    env.report(four(env), "success", outputs=1, output_count=3)
    env.pass_time(days=200)
    assert env.cleanup().generations == 1
    assert env.user()["quota"]["base"]["outputs"] == 3
    assert env.reconcile().drifted == 0


def test_in_process_the_block_and_the_report_say_it_too(now: Environment) -> None:
    now.plan(limits={"period": 20}, prices=PRICES)
    with genquota.generation(now.db, "ada", prompt="foxes", count=4.0) as g:
        g.succeed(outputs=[{**OUTPUT, "durationMs": 8000.0}] * 2, output_count=2)
    assert (now.record(g.id)["charged"], now.record(g.id)["credits"]) == (4, 8)
    assert now.record(g.id)["outputs"][0]["durationMs"] == 8000
    later = genquota.reserve(now.db, "ada", prompt="foxes", count=4)
    done = genquota.report(now.db, later, "success", image_url=OUTPUT["url"], output_count=1.0)
    assert done.generation.charged == 2
    assert row(now.check()) == (20, 6, 0)
    assert_counters_match_records(now.db)


@pytest.mark.parametrize(
    "wrong", [{"count": 4.5}, {"count": float("nan")}, {"count": True}, {"credits": float("inf")}]
)
def test_in_process_what_is_not_whole_is_refused(now: Environment, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        genquota.reserve(now.db, "ada", prompt="a fox", **wrong)
    assert now.records() == []


def test_in_process_a_failure_is_reported_whatever_the_engine_said(now: Environment) -> None:
    message = "\x1b[31mout of memory\x00 \ud800" + "!" * 5000
    with genquota.generation(now.db, "ada", prompt="a fox") as g:
        g.fail(message)
    with genquota.generation(now.db, "ada", prompt="a fox") as h:
        h.fail(RuntimeError(message))
    for each in (g, h):
        message = now.record(each.id)["errorMessage"]
        assert message == (" [31mout of memory  \ufffd" + "!" * 5000)[:1000]
    assert row(now.check())[1:] == (0, 0)
    assert_counters_match_records(now.db)
