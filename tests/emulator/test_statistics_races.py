"""Each generation is counted exactly once, whatever runs beside the job, breaks off, or is slow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import pytest

from genquota.domain.errors import Unavailable
from genquota.domain.feed import FeedRules, LiveFeed
from genquota.use_cases.jobs import daily_statistics, sweep
from tests.emulator.instance import DIED, Job, run
from tests.emulator.operator_actions import OperatorActions
from tests.emulator.rpc_faults import (
    before_rpc,
    losing_answers,
    losing_commits,
    losing_reads,
    overtaking,
)
from tests.emulator.statistics_days import (
    JOB,
    assert_counted_once,
    count_now,
    run_statistics,
    stored,
)
from tests.rpc_counter import QUERY, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture(autouse=True)
def _small_pages(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    env.plan("free")
    monkeypatch.setattr(daily_statistics, "PAGE", 3)


def generate(env: Environment, number: int = 8) -> None:
    for each in range(number):
        opened = env.generate(f"user{each % 3}")
        if each % 4 == 1:
            OperatorActions(env, None).refund(opened.generation.id)
        env.pass_time(seconds=1)
    env.pass_time(seconds=31)


def forget_lease(env: Environment) -> None:
    """Let the time of a lease pass."""
    if env.db.document(JOB).get().exists:
        env.db.document(JOB).update({"leaseUntil": None})


def test_only_one_process_at_a_time_counts(env: Environment, other: Environment) -> None:
    generate(env)
    other.now = env.now
    second = []

    def meanwhile() -> None:
        with counting(other.db) as calls:
            second.append((run_statistics(other), calls))

    with overtaking(env.db, meanwhile, skip=1):
        assert run_statistics(env).generations == 8
    ((report, calls),) = second
    assert (report.busy, report.finished, report.generations) == (True, False, 0)
    assert (calls.rpcs, calls.documents_read) == (1, 1)
    assert_counted_once(env)
    assert run_statistics(other).busy is False


@pytest.mark.parametrize("commits", range(6))
def test_who_loses_the_lease_has_counted_nothing_twice(
    env: Environment, other: Environment, commits: int
) -> None:
    generate(env)
    other.now = env.now

    def meanwhile() -> None:
        forget_lease(env)
        run_statistics(other)

    with overtaking(env.db, meanwhile, skip=commits):
        run_statistics(env)
    forget_lease(env)
    run_statistics(env)
    assert_counted_once(env)


@pytest.mark.parametrize("commits", range(1, 6))
@pytest.mark.parametrize("is_after", [False, True])
def test_a_process_that_dies_is_gone_on_with(
    env: Environment, project: str, commits: int, *, is_after: bool
) -> None:
    generate(env)
    job = Job("daily_statistics", page=3, now=env.now.isoformat())
    after, before = (commits, 0) if is_after else (0, commits)
    job = replace(job, die_after_commit=after, die_before_commit=before)
    assert run(project, job) == [DIED]
    forget_lease(env)
    run_statistics(env)
    assert_counted_once(env)


def test_processes_that_begin_at_once(env: Environment, project: str) -> None:
    run_statistics(env)  # else only one of them could make the job's document
    generate(env, 60)
    job = Job("daily_statistics", page=3, now=env.now.isoformat(), parallel=2)
    assert run(project, job, job) == [{"ok": 2}, {"ok": 2}]
    forget_lease(env)
    run_statistics(env)
    assert_counted_once(env)


@pytest.mark.parametrize("times", [1, 2])
def test_a_commit_whose_answer_is_lost_counts_once(env: Environment, times: int) -> None:
    generate(env)
    with losing_answers(env.db, times=times):
        run_statistics(env)
    forget_lease(env)
    run_statistics(env)
    assert_counted_once(env)


@pytest.mark.parametrize("losing", [losing_commits, losing_reads])
def test_a_store_that_does_not_answer_ends_the_run(env: Environment, losing: object) -> None:
    generate(env)
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    with losing(env.db, code), pytest.raises(Unavailable):  # type: ignore[operator] # one of two
        run_statistics(env)
    forget_lease(env)
    run_statistics(env)
    assert_counted_once(env)


def test_a_clock_that_is_behind_loses_nothing(env: Environment, other: Environment) -> None:
    """What an instance closes whose clock is 29 s behind the job's."""
    generate(env)
    late = other.create("eve")
    other.now = env.now - timedelta(seconds=29)
    run_statistics(env)
    other.report(late, "success", "eve")
    count_now(env)
    assert_counted_once(env)


def test_a_commit_that_is_held_back_loses_nothing(env: Environment, other: Environment) -> None:
    generate(env)
    late = env.create("eve")
    other.now = env.now + timedelta(seconds=29)
    with overtaking(env.db, lambda: run_statistics(other)):
        env.report(late, "success", "eve")
    assert stored(env).day.statistics.total == 8
    env.now = other.now
    count_now(env)
    assert_counted_once(env)


@pytest.mark.parametrize("queries", range(6))
def test_a_change_that_comes_in_between_counts_once(
    env: Environment, other: Environment, queries: int
) -> None:
    opened = env.generate("eve")
    generate(env)
    other.now = env.now

    def meanwhile() -> None:
        OperatorActions(other, None).refund(opened.generation.id, "eve")

    with before_rpc(env.db, QUERY, meanwhile, skip=queries):
        run_statistics(env)
    count_now(env)
    assert_counted_once(env)


def test_a_run_without_time_leaves_the_rest_to_the_next(env: Environment) -> None:
    generate(env)
    assert run_statistics(env, timedelta(0)).finished is False
    assert run_statistics(env).generations == 8
    assert_counted_once(env)


def test_a_sweep_that_takes_long_closes_each_batch_at_its_own_time(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the cursor could have passed the time that its later commits write."""
    monkeypatch.setattr(sweep, "MOST_WRITES", 1)
    opened = {uid: env.create(uid) for uid in ("ada", "bob")}
    env.pass_time(hours=1)
    begun = env.now

    def meanwhile() -> None:
        late = env.create("eve")
        env.report(late, "success", "eve")
        env.pass_time(minutes=1)
        run_statistics(env)

    with overtaking(env.db, meanwhile):
        assert env.expire_generations().users == 2
    closed = [env.record(each)["closedAt"] for each in opened.values()]
    assert closed == [begun, begun + timedelta(minutes=1)]


def test_a_hold_that_ends_during_a_sweep_is_shown_in_the_feed(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST_WRITES", 1)
    env.set_policy(feed=FeedRules(LiveFeed.ANONYMOUS))
    for uid in ("ada", "bob"):
        env.create(uid)
    env.pass_time(minutes=1)
    second = env.create("bob")
    env.pass_time(minutes=59)
    with overtaking(env.db, lambda: env.pass_time(minutes=1)):
        env.expire_generations()
    assert env.record(second)["generationStatus"] == "expired"
    entry = env.db.document(f"live_generations/{second.generation.id}").get()
    assert entry.get("status") == "failed"
