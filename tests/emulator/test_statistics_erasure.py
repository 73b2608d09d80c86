"""A deleted user's generations stay counted; their name is in no list, whatever runs beside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from genquota.domain.statistics.daily import Counts
from genquota.store.privacy import deletion as erasure
from genquota.use_cases.core.context import Caller
from genquota.use_cases.jobs import daily_statistics, statistics_rebuild
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.days import JOB, count_now, document, run_statistics, stored
from tests.emulator.desk import Desk
from tests.emulator.faults import before_rpc, overtaking
from tests.emulator.instance import DIED, Job, run
from tests.emulator.world import AN_HOUR
from tests.rpc_counter import QUERY, READ

if TYPE_CHECKING:
    from tests.emulator.world import World


@pytest.fixture(autouse=True)
def _small_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.plan("free")
    monkeypatch.setattr(daily_statistics, "PAGE", 3)
    monkeypatch.setattr(statistics_rebuild, "PAGE", 2)
    monkeypatch.setattr(erasure, "PAGE", 2)


def generate(world: World) -> None:
    """Let ada and bob have five generations, all closed long enough ago to be counted."""
    for uid in ("ada", "bob", "ada", "bob", "ada"):
        world.generate(uid)
        world.pass_time(seconds=1)
    world.pass_time(seconds=31)


def delete(world: World, uid: str = "ada") -> None:
    assert delete_user(world.context, Caller(uid), None, AN_HOUR).finished


def assert_forgotten(world: World, uid: str = "ada") -> None:
    for each in world.db.collection("analyticsDaily").list_documents():
        for below in each.collection("lists").stream():
            assert uid not in below.get("top")
    changes = world.db.collection("analyticsChanges").stream()
    assert not [each for each in changes if f'"{uid}"' in json.dumps(each.to_dict(), default=str)]


def assert_agrees(world: World) -> None:
    """See that nothing drifts when the day is compared with its records."""
    world.pass_time(days=2)
    report = run_statistics(world)
    assert (report.drifted, report.rebuilt, report.finished) == (0, 0, True)
    assert report.final


def test_generations_stay_counted_and_the_name_goes(world: World) -> None:
    generate(world)
    run_statistics(world)
    delete(world)
    assert_forgotten(world)
    day = stored(world)
    assert (day.day.statistics.total, day.erased) == (5, {"success": 3})
    assert day.day.lists["users"].entries["bob"].n == 2
    assert day.day.lists["users"].rest == 3
    assert_agrees(world)


def test_what_was_not_counted_yet_is_gone(world: World) -> None:
    generate(world)
    delete(world)
    run_statistics(world)
    assert_forgotten(world)
    assert (stored(world).day.statistics.total, stored(world).erased) == (2, {})
    assert_agrees(world)


def test_the_next_count_keeps_what_was_noted(world: World) -> None:
    generate(world)
    run_statistics(world)
    delete(world)
    world.generate("eve")
    count_now(world)
    assert stored(world).erased == {"success": 3}
    assert_agrees(world)


@pytest.mark.parametrize("commits", range(4))
def test_a_deletion_during_a_count(world: World, other: World, commits: int) -> None:
    generate(world)
    other.now = world.now
    with overtaking(world.db, lambda: delete(other), skip=commits):
        run_statistics(world)
    run_statistics(world)
    assert_forgotten(world)
    assert stored(world).day.statistics.total == 2 + stored(world).erased.get("success", 0)
    assert_agrees(world)


@pytest.mark.parametrize("commits", range(10))
def test_a_count_during_a_deletion(world: World, other: World, commits: int) -> None:
    generate(world)
    other.now = world.now
    with overtaking(world.db, lambda: run_statistics(other), skip=commits):
        delete(world)
    run_statistics(world)
    assert_forgotten(world)
    assert stored(world).day.statistics.total == 2 + stored(world).erased.get("success", 0)
    assert_agrees(world)


@pytest.mark.parametrize("commits", range(1, 7))
def test_a_deletion_whose_process_dies(world: World, project: str, commits: int) -> None:
    generate(world)
    run_statistics(world)
    job = Job("delete_user", page=2, now=world.now.isoformat(), die_after_commit=commits)
    assert run(project, job) == [DIED]
    delete(world)
    assert_forgotten(world)
    assert stored(world).erased == {"success": 3}
    assert_agrees(world)


@pytest.mark.parametrize("days", [0, 3])
def test_changes_that_wait_are_counted_without_the_name(world: World, days: int) -> None:
    opened, given_back = world.create(), world.generate()
    world.pass_time(hours=1)
    world.expire_generations()
    count_now(world)
    world.pass_time(days=days)
    run_statistics(world)
    world.report(opened, "success")
    Desk(world, None).refund(given_back.generation.id)
    delete(world)
    assert_forgotten(world)
    assert stored(world).erased == ({} if days else {"success": 2})
    assert count_now(world).changes == 2
    day = stored(world).day
    assert day.statistics.by_type == {"image": Counts(success=2, charged=1)}
    assert (day.statistics.late, day.statistics.refunded) == (1, 1)
    assert not day.lists["users"].entries
    assert_forgotten(world)
    world.pass_time(days=2)
    assert run_statistics(world).drifted == 0


def test_a_change_of_what_was_not_counted_goes_with_its_generation(world: World) -> None:
    world.generate("bob")
    count_now(world)
    Desk(world, None).refund(world.generate().generation.id)
    delete(world)
    assert_forgotten(world)
    assert count_now(world).changes == 0
    assert stored(world).day.statistics.by_type == {"image": Counts(success=1, charged=1)}


@pytest.mark.parametrize("commits", range(8))
def test_a_count_of_changes_during_a_deletion(world: World, other: World, commits: int) -> None:
    generated = [world.generate() for _ in range(2)]
    count_now(world)
    for each in generated:
        Desk(world, None).refund(each.generation.id)
    world.pass_time(seconds=31)
    other.now = world.now
    with overtaking(world.db, lambda: run_statistics(other), skip=commits):
        delete(world)
    assert_forgotten(world)
    run_statistics(world)
    assert_forgotten(world)
    assert stored(world).day.statistics.by_type == {"image": Counts(success=2)}
    assert_agrees(world)


@pytest.mark.parametrize("commits", range(6))
def test_a_change_that_is_counted_during_a_deletion(
    world: World, other: World, commits: int
) -> None:
    opened = world.create()
    world.pass_time(hours=1)
    world.expire_generations()
    count_now(world)
    world.report(opened, "success")
    world.pass_time(seconds=31)
    other.now = world.now
    with overtaking(world.db, lambda: run_statistics(other), skip=commits):
        delete(world)
    assert_forgotten(world)
    assert_agrees(world)


def test_a_final_day_forgets_the_name_only(world: World) -> None:
    generate(world)
    run_statistics(world)
    world.pass_time(days=2)
    run_statistics(world)
    delete(world)
    assert_forgotten(world)
    assert document(world)["isFinal"] is True
    assert (stored(world).day.statistics.total, stored(world).erased) == (5, {})
    assert run_statistics(world).final == 0


@pytest.mark.parametrize(("rpc", "number"), [(QUERY, n) for n in range(2, 8)] + [(READ, 4)])
def test_a_deletion_while_a_day_is_counted_anew(
    world: World, other: World, rpc: str, number: int
) -> None:
    generate(world)
    run_statistics(world)
    world.db.document("analyticsDaily/2027-03-15").update({"byType.image.success": 0})
    world.pass_time(days=2)
    other.now = world.now
    with before_rpc(world.db, rpc, lambda: delete(other), skip=number):
        run_statistics(world)
    run_statistics(world)
    assert_forgotten(world)
    day = stored(world)
    assert day.is_final
    assert day.day.statistics.total in (2, 5)
    assert world.db.document(JOB).get().get("finalUntil") == "2027-03-16"


def test_each_of_two_users_goes(world: World) -> None:
    generate(world)
    run_statistics(world)
    delete(world)
    delete(world, "bob")
    assert_forgotten(world)
    assert_forgotten(world, "bob")
    assert stored(world).day.lists["users"].rest == 5
    assert_agrees(world)
