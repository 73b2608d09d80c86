"""An instance that dies in the middle leaves nothing half done; whoever comes next goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.use_cases.generations.create_generation import generation_id_for
from tests.emulator.books import assert_books_balance
from tests.emulator.instance import DIED, Job, run
from tests.emulator.world import START, row

if TYPE_CHECKING:
    from tests.emulator.world import World


def test_an_instance_that_dies_between_read_and_commit_of_a_create_leaves_no_trace(
    world: World, project: str
) -> None:
    """B11"""
    assert run(project, Job("create", key="k", die_before_commit=1)) == [DIED]
    assert not world.user()
    assert not world.records()
    assert world.create(key="k").replayed is False
    assert row(world.check()) == (10, 0, 1)


def test_an_instance_that_dies_after_the_commit_of_a_create_leaves_a_whole_hold(
    world: World, project: str
) -> None:
    """B11, B1: the client asks again with its key; if it does not, the hold ends."""
    assert run(project, Job("create", key="k", die_after_commit=1)) == [DIED]
    assert len(world.records()) == 1
    assert world.create(key="k").replayed is True
    assert row(world.check()) == (10, 0, 1)
    world.pass_time(seconds=900)
    assert row(world.check()) == (10, 0, 0), "without any sweep"
    assert world.expire_generations().users == 1
    assert world.record(generation_id_for("ada", "k"))["generationStatus"] == "expired"
    assert_books_balance(world.db)


@pytest.mark.parametrize("status", ["success", "failed"])
def test_an_instance_that_dies_between_read_and_commit_of_a_report_has_reported_nothing(
    world: World, project: str, status: str
) -> None:
    """B11, B12"""
    opened = world.create()
    before = (world.user(), world.record(opened))
    job = Job("report", generation_id=opened.generation.id, status=status, die_before_commit=1)
    assert run(project, job) == [DIED]
    assert (world.user(), world.record(opened)) == before
    world.report(opened, status)
    assert_books_balance(world.db)


def test_an_instance_that_dies_after_the_commit_of_a_report_has_reported_it_once(
    world: World, project: str
) -> None:
    """B3, B12: record and balance moved in one commit."""
    opened = world.create()
    job = Job("report", generation_id=opened.generation.id, die_after_commit=1)
    assert run(project, job) == [DIED]
    assert world.record(opened)["generationStatus"] == "success"
    assert world.report(opened, "success").generation.charged == 1
    assert row(world.check()) == (10, 1, 0)
    assert_books_balance(world.db)


@pytest.mark.parametrize(
    ("dies", "done"),
    [(Job("reset_periods", die_before_commit=2), 3), (Job("reset_periods", die_after_commit=2), 6)],
    ids=["before its second commit", "after its second commit"],
)
def test_a_reset_that_is_cut_off_is_gone_on_with_and_everyone_is_reset_once(
    world: World, project: str, dies: Job, done: int
) -> None:
    """B12, C5, C6, E4"""
    users = [f"user{n}" for n in range(8)]
    for uid in users:
        world.generate(uid)
    world.now = START + timedelta(days=20)
    assert run(project, replace(dies, page=3, now=world.now.isoformat())) == [DIED]
    assert sum(bool(world.day("2027-03-15", uid)) for uid in users) == done
    report = world.reset_periods()
    assert (report.users, report.failed, report.finished) == (8 - done, 0, True)
    for uid in users:
        assert world.day("2027-03-15", uid)["used"] == 1
        assert [each["used"] for each in world.closed("period", uid)] == [1]
        assert row(world.check(uid)) == (10, 0, 0)
        assert_books_balance(world.db, uid)
    assert world.reset_periods().users == 0


def test_an_expiry_that_is_cut_off_is_gone_on_with_and_everything_is_given_back_once(
    world: World, project: str
) -> None:
    """B12, B11"""
    users = [f"user{n}" for n in range(7)]
    for uid in users:
        world.create(uid)
    world.pass_time(hours=1)
    job = Job("expire_generations", page=3, now=world.now.isoformat(), die_after_commit=1)
    assert run(project, job) == [DIED]
    statuses = [record["generationStatus"] for uid in users for record in world.records(uid)]
    assert sorted(statuses) == ["expired"] * 3 + ["pending"] * 4
    assert world.expire_generations().users == 4
    for uid in users:
        assert world.user(uid)["quota"]["failed"] == 1
        assert "expireAt" not in world.user(uid)["quota"]
        assert_books_balance(world.db, uid)


def test_two_processes_that_reset_at_once_reset_everyone_once(world: World, project: str) -> None:
    """C5"""
    users = [f"user{n}" for n in range(12)]
    for uid in users:
        world.generate(uid)
    world.now = START + timedelta(days=20)
    job = Job("reset_periods", page=5, now=world.now.isoformat())
    assert run(project, job, job) == [{"ok": 1}, {"ok": 1}]
    for uid in users:
        assert world.day("2027-03-15", uid)["used"] == 1
        assert_books_balance(world.db, uid)
