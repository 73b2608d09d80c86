"""A success that says how many outputs were made: in the store, through every way in, and afterwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import genquota
from genquota.domain.errors import GenerationClosed, InvalidArgument
from tests.emulator.books import assert_books_balance
from tests.emulator.desk import open_desk
from tests.emulator.racing import outcomes, race
from tests.emulator.world import OUTPUT, row
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.world import World

PRICES = [{"type": "image", "credits": 2}]


@pytest.fixture(autouse=True)
def terms(world: World) -> None:
    world.plan(limits={"day": 9, "period": 20}, prices=PRICES)


def four(world: World) -> Any:  # noqa: ANN401 - whatever opening returns
    return world.create(type="image", count=4)


def test_what_was_not_made_is_given_back_at_once(world: World) -> None:
    opened = four(world)
    assert row(world.check()) == (20, 0, 8)
    done = world.report(opened, "success", outputs=3, output_count=3)
    assert (done.generation.charged, done.generation.credits) == (6, 8)
    assert row(done.quota) == row(world.check()) == (20, 6, 0)
    record = world.record(opened)
    told = ("credits", "charged", "refunded", "outputCount", "count")
    assert [record[name] for name in told] == [8, 6, False, 3, 4]
    assert record["outputs"] == [OUTPUT] * 3
    assert world.user()["outputCount"] == 3
    assert_books_balance(world.db)
    assert world.reconcile().drifted == 0


def test_without_the_number_all_is_charged_as_ever(world: World) -> None:
    opened = four(world)
    assert world.report(opened, "success", outputs=3).generation.charged == 8
    assert "outputCount" not in world.record(opened)
    assert_books_balance(world.db)


def test_the_same_report_again_answers_the_same_and_writes_nothing(world: World) -> None:
    opened = world.create(key="k", type="image", count=4)
    first = world.report(opened, "success", outputs=1, output_count=1)
    with counting(world.db) as calls:
        again = world.report(opened, "success", outputs=1, output_count=1)
    assert calls.commits == 0
    assert again.generation == first.generation
    assert row(again.quota) == (20, 2, 0)
    assert world.create(key="k", type="image", count=4).generation.credits == 8
    # What has ended has ended: a second number changes nothing, as a second url does not.
    assert world.report(opened, "success", outputs=4, output_count=4).generation.charged == 2
    with pytest.raises(GenerationClosed):
        world.report(opened, "failed")
    assert_books_balance(world.db)


def test_more_than_was_asked_for_is_refused_and_changes_nothing(world: World) -> None:
    opened = four(world)
    with pytest.raises(InvalidArgument) as refusal:
        world.report(opened, "success", outputs=5, output_count=5)
    assert refusal.value.fields == (("outputCount", "more than the 4 that were asked for"),)
    assert world.record(opened)["generationStatus"] == "pending"
    assert row(world.check()) == (20, 0, 8)


def test_one_url_may_stand_for_the_outputs_that_are_counted(world: World) -> None:
    opened = four(world)
    done = world.report(opened, "success", outputs=1, output_count=3)
    assert (done.generation.charged, world.user()["outputCount"]) == (6, 3)
    assert_books_balance(world.db)


def test_of_several_reports_at_once_one_is_charged(world: World) -> None:
    opened = four(world)
    calls = [
        partial(world.report, opened, "success", outputs=n, output_count=n) for n in (1, 2, 3, 4)
    ]
    assert outcomes(race(calls * 2)) == {"ok": 8}
    charged = world.record(opened)["charged"]
    assert row(world.check()) == (20, charged, 0)
    assert charged == 2 * world.record(opened)["outputCount"]
    assert_books_balance(world.db)


@pytest.mark.parametrize("swept", [False, True])
def test_a_late_success_is_charged_for_what_was_made(world: World, *, swept: bool) -> None:
    """B10"""
    opened = four(world)
    world.pass_time(days=1)
    if swept:
        world.expire_generations()
    done = world.report(opened, "success", outputs=3, output_count=3)
    assert (done.generation.charged, done.generation.late) == (6, True)
    assert world.day("2027-03-15")["used"] == 6
    assert (row(world.check(), "day"), row(world.check())) == ((9, 0, 0), (20, 6, 0))
    assert_books_balance(world.db)
    assert world.reconcile().drifted == 0


def test_what_was_not_made_makes_no_room_tomorrow(world: World) -> None:
    """B5"""
    world.now = world.now.replace(hour=23, minute=55)
    opened = four(world)
    world.pass_time(minutes=10)
    world.report(opened, "success", outputs=1, output_count=1)
    assert world.day("2027-03-15")["used"] == 2
    assert row(world.check(), "day") == (9, 0, 0)
    assert_books_balance(world.db)


def test_a_grant_gets_its_credits_back_before_the_plan(world: World) -> None:
    """B7"""
    world.plan(limits={"period": 5}, prices=PRICES)
    world.check()
    world.grant("gift", 4)
    opened = four(world)
    assert world.check().grants_remaining == 1
    done = world.report(opened, "success", outputs=3, output_count=3)
    assert row(done.quota) == (5, 5, 0)
    assert done.quota.grants_remaining == 3
    assert world.user()["quota"]["grants"]["gift"]["used"] == 1
    assert_books_balance(world.db)
    assert world.reconcile().drifted == 0


def test_a_refund_afterwards_gives_back_what_was_charged(world: World) -> None:
    desk = open_desk(world)
    opened = four(world)
    world.report(opened, "success", outputs=3, output_count=3)
    world.pass_time(days=1)
    world.check()
    desk.refund(opened)
    assert (world.day("2027-03-15")["used"], row(world.check())) == (0, (20, 0, 0))
    record = world.record(opened)
    assert (record["charged"], record["refunded"], record["credits"]) == (0, True, 8)
    again = world.report(opened, "success", outputs=3, output_count=3)
    assert (again.generation.charged, again.generation.credits) == (0, 8)
    assert_books_balance(world.db)
    assert world.reconcile().drifted == 0


def test_what_cleanup_deletes_keeps_the_outputs_that_were_made(world: World) -> None:
    world.report(four(world), "success", outputs=1, output_count=3)
    world.pass_time(days=200)
    assert world.cleanup().generations == 1
    assert world.user()["quota"]["base"]["outputs"] == 3
    assert world.reconcile().drifted == 0


def test_in_process_the_block_and_the_report_say_it_too(now: World) -> None:
    now.plan(limits={"period": 20}, prices=PRICES)
    with genquota.generation(now.db, "ada", prompt="foxes", count=4.0) as g:
        g.succeed(outputs=[{**OUTPUT, "durationMs": 8000.0}] * 2, output_count=2)
    assert (now.record(g.id)["charged"], now.record(g.id)["credits"]) == (4, 8)
    assert now.record(g.id)["outputs"][0]["durationMs"] == 8000
    later = genquota.reserve(now.db, "ada", prompt="foxes", count=4)
    done = genquota.report(now.db, later, "success", image_url=OUTPUT["url"], output_count=1.0)
    assert done.generation.charged == 2
    assert row(now.check()) == (20, 6, 0)
    assert_books_balance(now.db)


@pytest.mark.parametrize(
    "wrong", [{"count": 4.5}, {"count": float("nan")}, {"count": True}, {"credits": float("inf")}]
)
def test_in_process_what_is_not_whole_is_refused(now: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        genquota.reserve(now.db, "ada", prompt="a fox", **wrong)
    assert now.records() == []


def test_in_process_a_failure_is_reported_whatever_the_engine_said(now: World) -> None:
    said = "\x1b[31mout of memory\x00 \ud800" + "!" * 5000
    with genquota.generation(now.db, "ada", prompt="a fox") as g:
        g.fail(said)
    with genquota.generation(now.db, "ada", prompt="a fox") as h:
        h.fail(RuntimeError(said))
    for each in (g, h):
        message = now.record(each.id)["errorMessage"]
        assert message == (" [31mout of memory  \ufffd" + "!" * 5000)[:1000]
    assert row(now.check())[1:] == (0, 0)
    assert_books_balance(now.db)
