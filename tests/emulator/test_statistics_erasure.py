"""A deleted user's generations stay counted; their name is in no list, whatever runs beside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from genquota.domain.statistics.daily import StatusCounts
from genquota.store.privacy import deletion as erasure
from genquota.use_cases.core.context import Caller
from genquota.use_cases.jobs import daily_statistics, statistics_rebuild
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.environment import AN_HOUR
from tests.emulator.instance import DIED, Job, run
from tests.emulator.operator_actions import OperatorActions
from tests.emulator.rpc_faults import before_rpc, overtaking
from tests.emulator.statistics_days import JOB, count_now, document, run_statistics, stored
from tests.rpc_counter import QUERY, READ

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture(autouse=True)
def _small_pages(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    env.plan("free")
    monkeypatch.setattr(daily_statistics, "PAGE", 3)
    monkeypatch.setattr(statistics_rebuild, "PAGE", 2)
    monkeypatch.setattr(erasure, "PAGE", 2)


def generate(env: Environment) -> None:
    """Let ada and bob have five generations, all closed long enough ago to be counted."""
    for uid in ("ada", "bob", "ada", "bob", "ada"):
        env.generate(uid)
        env.pass_time(seconds=1)
    env.pass_time(seconds=31)


def delete(env: Environment, uid: str = "ada") -> None:
    assert delete_user(env.context, Caller(uid), None, AN_HOUR).finished


def assert_forgotten(env: Environment, uid: str = "ada") -> None:
    for each in env.db.collection("analyticsDaily").list_documents():
        for below in each.collection("lists").stream():
            assert uid not in below.get("top")
    changes = env.db.collection("analyticsChanges").stream()
    assert not [each for each in changes if f'"{uid}"' in json.dumps(each.to_dict(), default=str)]


def assert_agrees(env: Environment) -> None:
    """See that nothing drifts when the day is compared with its records."""
    env.pass_time(days=2)
    report = run_statistics(env)
    assert (report.drifted, report.rebuilt, report.finished) == (0, 0, True)
    assert report.final


def test_generations_stay_counted_and_the_name_goes(env: Environment) -> None:
    generate(env)
    run_statistics(env)
    delete(env)
    assert_forgotten(env)
    day = stored(env)
    assert (day.day.statistics.total, day.erased) == (5, {"success": 3})
    assert day.day.lists["users"].entries["bob"].n == 2
    assert day.day.lists["users"].rest == 3
    assert_agrees(env)


def test_what_was_not_counted_yet_is_gone(env: Environment) -> None:
    generate(env)
    delete(env)
    run_statistics(env)
    assert_forgotten(env)
    assert (stored(env).day.statistics.total, stored(env).erased) == (2, {})
    assert_agrees(env)


def test_the_next_count_keeps_what_was_noted(env: Environment) -> None:
    generate(env)
    run_statistics(env)
    delete(env)
    env.generate("eve")
    count_now(env)
    assert stored(env).erased == {"success": 3}
    assert_agrees(env)


@pytest.mark.parametrize("commits", range(4))
def test_a_deletion_during_a_count(env: Environment, other: Environment, commits: int) -> None:
    generate(env)
    other.now = env.now
    with overtaking(env.db, lambda: delete(other), skip=commits):
        run_statistics(env)
    run_statistics(env)
    assert_forgotten(env)
    assert stored(env).day.statistics.total == 2 + stored(env).erased.get("success", 0)
    assert_agrees(env)


@pytest.mark.parametrize("commits", range(10))
def test_a_count_during_a_deletion(env: Environment, other: Environment, commits: int) -> None:
    generate(env)
    other.now = env.now
    with overtaking(env.db, lambda: run_statistics(other), skip=commits):
        delete(env)
    run_statistics(env)
    assert_forgotten(env)
    assert stored(env).day.statistics.total == 2 + stored(env).erased.get("success", 0)
    assert_agrees(env)


@pytest.mark.parametrize("commits", range(1, 7))
def test_a_deletion_whose_process_dies(env: Environment, project: str, commits: int) -> None:
    generate(env)
    run_statistics(env)
    job = Job("delete_user", page=2, now=env.now.isoformat(), die_after_commit=commits)
    assert run(project, job) == [DIED]
    delete(env)
    assert_forgotten(env)
    assert stored(env).erased == {"success": 3}
    assert_agrees(env)


@pytest.mark.parametrize("days", [0, 3])
def test_changes_that_wait_are_counted_without_the_name(env: Environment, days: int) -> None:
    opened, given_back = env.create(), env.generate()
    env.pass_time(hours=1)
    env.expire_generations()
    count_now(env)
    env.pass_time(days=days)
    run_statistics(env)
    env.report(opened, "success")
    OperatorActions(env, None).refund(given_back.generation.id)
    delete(env)
    assert_forgotten(env)
    assert stored(env).erased == ({} if days else {"success": 2})
    assert count_now(env).changes == 2
    day = stored(env).day
    assert day.statistics.by_type == {"image": StatusCounts(success=2, charged=1)}
    assert (day.statistics.late, day.statistics.refunded) == (1, 1)
    assert not day.lists["users"].entries
    assert_forgotten(env)
    env.pass_time(days=2)
    assert run_statistics(env).drifted == 0


def test_a_change_of_what_was_not_counted_goes_with_its_generation(env: Environment) -> None:
    env.generate("bob")
    count_now(env)
    OperatorActions(env, None).refund(env.generate().generation.id)
    delete(env)
    assert_forgotten(env)
    assert count_now(env).changes == 0
    assert stored(env).day.statistics.by_type == {"image": StatusCounts(success=1, charged=1)}


@pytest.mark.parametrize("commits", range(8))
def test_a_count_of_changes_during_a_deletion(
    env: Environment, other: Environment, commits: int
) -> None:
    generated = [env.generate() for _ in range(2)]
    count_now(env)
    for each in generated:
        OperatorActions(env, None).refund(each.generation.id)
    env.pass_time(seconds=31)
    other.now = env.now
    with overtaking(env.db, lambda: run_statistics(other), skip=commits):
        delete(env)
    assert_forgotten(env)
    run_statistics(env)
    assert_forgotten(env)
    assert stored(env).day.statistics.by_type == {"image": StatusCounts(success=2)}
    assert_agrees(env)


@pytest.mark.parametrize("commits", range(6))
def test_a_change_that_is_counted_during_a_deletion(
    env: Environment, other: Environment, commits: int
) -> None:
    opened = env.create()
    env.pass_time(hours=1)
    env.expire_generations()
    count_now(env)
    env.report(opened, "success")
    env.pass_time(seconds=31)
    other.now = env.now
    with overtaking(env.db, lambda: run_statistics(other), skip=commits):
        delete(env)
    assert_forgotten(env)
    assert_agrees(env)


def test_a_final_day_forgets_the_name_only(env: Environment) -> None:
    generate(env)
    run_statistics(env)
    env.pass_time(days=2)
    run_statistics(env)
    delete(env)
    assert_forgotten(env)
    assert document(env)["isFinal"] is True
    assert (stored(env).day.statistics.total, stored(env).erased) == (5, {})
    assert run_statistics(env).final == 0


@pytest.mark.parametrize(("rpc", "number"), [(QUERY, n) for n in range(2, 8)] + [(READ, 4)])
def test_a_deletion_while_a_day_is_counted_anew(
    env: Environment, other: Environment, rpc: str, number: int
) -> None:
    generate(env)
    run_statistics(env)
    env.db.document("analyticsDaily/2027-03-15").update({"byType.image.success": 0})
    env.pass_time(days=2)
    other.now = env.now
    with before_rpc(env.db, rpc, lambda: delete(other), skip=number):
        run_statistics(env)
    run_statistics(env)
    assert_forgotten(env)
    day = stored(env)
    assert day.is_final
    assert day.day.statistics.total in (2, 5)
    assert env.db.document(JOB).get().get("finalUntil") == "2027-03-16"


def test_each_of_two_users_goes(env: Environment) -> None:
    generate(env)
    run_statistics(env)
    delete(env)
    delete(env, "bob")
    assert_forgotten(env)
    assert_forgotten(env, "bob")
    assert stored(env).day.lists["users"].rest == 5
    assert_agrees(env)
