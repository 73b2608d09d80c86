"""Reports, sweeps and creates about one generation at one instant: one winner, the balance moves once.

All without lanes and over two clients, as between two instances.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.emulator.books import assert_books_balance
from tests.emulator.faults import between_reads
from tests.emulator.racing import outcomes, race
from tests.emulator.world import START, row

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import Opened
    from tests.emulator.world import World

pytestmark = pytest.mark.usefixtures("without_lanes")

ROUNDS = 6
"""A race has several ways to go; each test runs several."""


def rounds(world: World) -> list[tuple[str, Opened]]:
    """Open one generation of each of several users."""
    users = [f"user{n}" for n in range(ROUNDS)]
    return [(uid, world.create(uid)) for uid in users]


def status_and_used(world: World, uid: str, opened: Opened) -> tuple[str, int]:
    return world.record(opened)["generationStatus"], row(world.check(uid))[1]


def test_a_success_reported_twice_at_once_is_charged_once(world: World, other: World) -> None:
    """B4, B3: both are told that it was charged."""
    for uid, opened in rounds(world):
        results = race([partial(at.report, opened, "success", uid) for at in (world, other)] * 3)
        assert outcomes(results) == {"ok": 6}
        assert status_and_used(world, uid, opened) == ("success", 1)
        assert world.user(uid)["generatedCount"] == 1
        assert_books_balance(world.db, uid)


def test_a_failure_reported_twice_at_once_is_given_back_once(world: World, other: World) -> None:
    """B4"""
    for uid, opened in rounds(world):
        results = race([partial(at.report, opened, "failed", uid) for at in (world, other)] * 3)
        assert outcomes(results) == {"ok": 6}
        assert status_and_used(world, uid, opened) == ("failed", 0)
        assert world.user(uid)["quota"]["failed"] == 1
        assert_books_balance(world.db, uid)


def test_of_success_and_failure_at_once_one_wins_and_the_other_is_refused(
    world: World, other: World
) -> None:
    """B4, B15"""
    for uid, opened in rounds(world):
        success, failure = race(
            [
                partial(world.report, opened, "success", uid),
                partial(other.report, opened, "failed", uid),
            ]
        )
        assert outcomes([success, failure]) == {"ok": 1, "generation-closed": 1}
        won = "success" if outcomes([success]) == {"ok": 1} else "failed"
        assert status_and_used(world, uid, opened) == (won, int(won == "success"))
        assert_books_balance(world.db, uid)


def test_of_success_and_the_sweep_of_an_instance_with_a_faster_clock_one_wins(
    world: World, other: World
) -> None:
    """B4: to one instance the hold still runs, to the other it has passed its end."""
    opened = rounds(world)
    world.now = START + timedelta(seconds=899)
    other.now = START + timedelta(seconds=901)
    calls = [partial(world.report, generation, "success", uid) for uid, generation in opened]
    results = race([*calls, other.expire_generations])
    assert outcomes(results) == {"ok": ROUNDS + 1}
    for uid, generation in opened:
        # What the sweep closed first is a late success, which is charged all the same.
        assert status_and_used(world, uid, generation) == ("success", 1)
        assert_books_balance(world.db, uid)


def test_of_a_late_success_and_the_sweep_at_once_both_find_their_place(
    world: World, other: World
) -> None:
    """B4, B10: closed before or after, it ends as a late success, charged once."""
    opened = rounds(world)
    world.pass_time(hours=1)
    other.pass_time(hours=1)
    calls = [partial(world.report, generation, "success", uid) for uid, generation in opened]
    assert outcomes(race([*calls, other.expire_generations])) == {"ok": ROUNDS + 1}
    for uid, generation in opened:
        assert status_and_used(world, uid, generation) == ("success", 1)
        assert world.record(generation)["late"] is True
        assert_books_balance(world.db, uid)


def test_two_expire_sweeps_at_once_give_back_once(world: World, other: World) -> None:
    """B4, C5"""
    opened = rounds(world)
    for instance in (world, other):
        instance.pass_time(hours=1)
    reports = race([world.expire_generations, other.expire_generations])
    assert [(each.failed, each.finished) for each in reports] == [(0, True)] * 2
    for uid, generation in opened:
        assert status_and_used(world, uid, generation) == ("expired", 0)
        assert world.user(uid)["quota"]["failed"] == 1
        assert_books_balance(world.db, uid)


def test_creates_at_once_with_the_reset_of_their_period_count_in_the_new_one(
    world: World, other: World
) -> None:
    """C5: a lazy reset racing the job is one reset."""
    users = [f"user{n}" for n in range(ROUNDS)]
    for uid in users:
        for _ in range(3):
            world.generate(uid)
    for instance in (world, other):
        instance.now = START + timedelta(days=17)
    calls = [partial(world.create, uid) for uid in users]
    results = race([*calls, *calls, other.reset_periods, world.reset_periods])
    assert outcomes(results) == {"ok": 2 * ROUNDS + 2}
    for uid in users:
        assert row(world.check(uid)) == (10, 0, 2)
        assert [each["used"] for each in world.closed("period", uid)] == [3]
        assert world.day("2027-03-15", uid)["used"] == 3
        assert_books_balance(world.db, uid)


def test_a_report_on_a_generation_being_hidden_keeps_both(world: World, other: World) -> None:
    """B13: hiding a record neither charges nor gives back."""
    for uid, opened in rounds(world):
        results = race(
            [partial(world.report, opened, "success", uid), partial(other.hide, opened, uid)]
        )
        assert outcomes(results) == {"ok": 2}
        record = world.record(opened)
        assert (record["generationStatus"], record["isDeleted"]) == ("success", True)
        assert_books_balance(world.db, uid)


@pytest.mark.parametrize("by", [None, "server"])
@pytest.mark.parametrize(("first", "second"), [("success", "success"), ("failed", "success")])
def test_a_report_that_comes_between_the_two_reads_of_another_is_not_counted_twice(
    world: World, other: World, by: str | None, first: str, second: str
) -> None:
    """B4, A2: who does not name the user reads the record first, and the user after it."""
    world.edit("server", role="service")
    opened = world.create()
    with between_reads(world.db, partial(other.report, opened, first)):
        results = race([partial(world.report, opened, second, by=by)])
    assert outcomes(results) == ({"ok": 1} if first == second else {"generation-closed": 1})
    assert status_and_used(world, "ada", opened) == (first, int(first == "success"))
    assert_books_balance(world.db)
