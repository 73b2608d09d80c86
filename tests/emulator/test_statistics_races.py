"""Each generation is counted exactly once, whatever runs beside the job, breaks off, or is slow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import pytest

from genquota.domain.errors import Unavailable
from genquota.use_cases.jobs import daily_statistics
from tests.emulator.days import JOB, assert_counted_once, count_now, run_statistics, stored
from tests.emulator.desk import Desk
from tests.emulator.faults import (
    before_rpc,
    losing_answers,
    losing_commits,
    losing_reads,
    overtaking,
)
from tests.emulator.instance import DIED, Job, run
from tests.rpc_counter import QUERY, counting

if TYPE_CHECKING:
    from tests.emulator.world import World


@pytest.fixture(autouse=True)
def _small_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.plan("free")
    monkeypatch.setattr(daily_statistics, "PAGE", 3)


def generate(world: World, number: int = 8) -> None:
    for each in range(number):
        opened = world.generate(f"user{each % 3}")
        if each % 4 == 1:
            Desk(world, None).refund(opened.generation.id)
        world.pass_time(seconds=1)
    world.pass_time(seconds=31)


def forget_lease(world: World) -> None:
    """Let the time of a lease pass."""
    if world.db.document(JOB).get().exists:
        world.db.document(JOB).update({"leaseUntil": None})


def test_only_one_process_at_a_time_counts(world: World, other: World) -> None:
    generate(world)
    other.now = world.now
    second = []

    def meanwhile() -> None:
        with counting(other.db) as calls:
            second.append((run_statistics(other), calls))

    with overtaking(world.db, meanwhile, skip=1):
        assert run_statistics(world).generations == 8
    ((report, calls),) = second
    assert (report.busy, report.finished, report.generations) == (True, False, 0)
    assert (calls.rpcs, calls.documents_read) == (1, 1)
    assert_counted_once(world)
    assert run_statistics(other).busy is False


@pytest.mark.parametrize("commits", range(6))
def test_who_loses_the_lease_has_counted_nothing_twice(
    world: World, other: World, commits: int
) -> None:
    generate(world)
    other.now = world.now

    def meanwhile() -> None:
        forget_lease(world)
        run_statistics(other)

    with overtaking(world.db, meanwhile, skip=commits):
        run_statistics(world)
    forget_lease(world)
    run_statistics(world)
    assert_counted_once(world)


@pytest.mark.parametrize("commits", range(1, 6))
@pytest.mark.parametrize("is_after", [False, True])
def test_a_process_that_dies_is_gone_on_with(
    world: World, project: str, commits: int, *, is_after: bool
) -> None:
    generate(world)
    job = Job("daily_statistics", page=3, now=world.now.isoformat())
    after, before = (commits, 0) if is_after else (0, commits)
    job = replace(job, die_after_commit=after, die_before_commit=before)
    assert run(project, job) == [DIED]
    forget_lease(world)
    run_statistics(world)
    assert_counted_once(world)


def test_processes_that_begin_at_once(world: World, project: str) -> None:
    run_statistics(world)  # else only one of them could make the job's document
    generate(world, 60)
    job = Job("daily_statistics", page=3, now=world.now.isoformat(), parallel=2)
    assert run(project, job, job) == [{"ok": 2}, {"ok": 2}]
    forget_lease(world)
    run_statistics(world)
    assert_counted_once(world)


@pytest.mark.parametrize("times", [1, 2])
def test_a_commit_whose_answer_is_lost_counts_once(world: World, times: int) -> None:
    generate(world)
    with losing_answers(world.db, times=times):
        run_statistics(world)
    forget_lease(world)
    run_statistics(world)
    assert_counted_once(world)


@pytest.mark.parametrize("losing", [losing_commits, losing_reads])
def test_a_store_that_does_not_answer_ends_the_run(world: World, losing: object) -> None:
    generate(world)
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    with losing(world.db, code), pytest.raises(Unavailable):  # type: ignore[operator] # one of two
        run_statistics(world)
    forget_lease(world)
    run_statistics(world)
    assert_counted_once(world)


def test_a_clock_that_is_behind_loses_nothing(world: World, other: World) -> None:
    """What an instance closes whose clock is 29 s behind the job's."""
    generate(world)
    late = other.create("eve")
    other.now = world.now - timedelta(seconds=29)
    run_statistics(world)
    other.report(late, "success", "eve")
    count_now(world)
    assert_counted_once(world)


def test_a_commit_that_is_held_back_loses_nothing(world: World, other: World) -> None:
    generate(world)
    late = world.create("eve")
    other.now = world.now + timedelta(seconds=29)
    with overtaking(world.db, lambda: run_statistics(other)):
        world.report(late, "success", "eve")
    assert stored(world).day.statistics.total == 8
    world.now = other.now
    count_now(world)
    assert_counted_once(world)


@pytest.mark.parametrize("queries", range(6))
def test_a_change_that_comes_in_between_counts_once(
    world: World, other: World, queries: int
) -> None:
    opened = world.generate("eve")
    generate(world)
    other.now = world.now

    def meanwhile() -> None:
        Desk(other, None).refund(opened.generation.id, "eve")

    with before_rpc(world.db, QUERY, meanwhile, skip=queries):
        run_statistics(world)
    count_now(world)
    assert_counted_once(world)


def test_a_run_without_time_leaves_the_rest_to_the_next(world: World) -> None:
    generate(world)
    assert run_statistics(world, timedelta(0)).finished is False
    assert run_statistics(world).generations == 8
    assert_counted_once(world)
