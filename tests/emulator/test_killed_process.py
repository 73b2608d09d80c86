"""An instance that dies in the middle leaves nothing half done; whoever comes next goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.use_cases.generations.create_generation import generation_id_for
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.instance import DIED, Job, run

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def test_an_instance_that_dies_between_read_and_commit_of_a_create_leaves_no_trace(
    env: Environment, project: str
) -> None:
    """B11"""
    assert run(project, Job("create", key="k", die_before_commit=1)) == [DIED]
    assert not env.user()
    assert not env.records()
    assert env.create(key="k").replayed is False
    assert row(env.check()) == (10, 0, 1)


def test_an_instance_that_dies_after_the_commit_of_a_create_leaves_a_whole_hold(
    env: Environment, project: str
) -> None:
    """B11, B1: the client asks again with its key; if it does not, the hold ends."""
    assert run(project, Job("create", key="k", die_after_commit=1)) == [DIED]
    assert len(env.records()) == 1
    assert env.create(key="k").replayed is True
    assert row(env.check()) == (10, 0, 1)
    env.pass_time(seconds=900)
    assert row(env.check()) == (10, 0, 0), "without any sweep"
    assert env.expire_generations().users == 1
    assert env.record(generation_id_for("ada", "k"))["generationStatus"] == "expired"
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("status", ["success", "failed"])
def test_an_instance_that_dies_between_read_and_commit_of_a_report_has_reported_nothing(
    env: Environment, project: str, status: str
) -> None:
    """B11, B12"""
    opened = env.create()
    before = (env.user(), env.record(opened))
    job = Job("report", generation_id=opened.generation.id, status=status, die_before_commit=1)
    assert run(project, job) == [DIED]
    assert (env.user(), env.record(opened)) == before
    env.report(opened, status)
    assert_counters_match_records(env.db)


def test_an_instance_that_dies_after_the_commit_of_a_report_has_reported_it_once(
    env: Environment, project: str
) -> None:
    """B3, B12: record and balance moved in one commit."""
    opened = env.create()
    job = Job("report", generation_id=opened.generation.id, die_after_commit=1)
    assert run(project, job) == [DIED]
    assert env.record(opened)["generationStatus"] == "success"
    assert env.report(opened, "success").generation.charged == 1
    assert row(env.check()) == (10, 1, 0)
    assert_counters_match_records(env.db)


@pytest.mark.parametrize(
    ("dies", "done"),
    [(Job("reset_periods", die_before_commit=2), 3), (Job("reset_periods", die_after_commit=2), 6)],
    ids=["before its second commit", "after its second commit"],
)
def test_a_reset_that_is_cut_off_is_gone_on_with_and_everyone_is_reset_once(
    env: Environment, project: str, dies: Job, done: int
) -> None:
    """B12, C5, C6, E4"""
    users = [f"user{n}" for n in range(8)]
    for uid in users:
        env.generate(uid)
    env.now = START + timedelta(days=20)
    assert run(project, replace(dies, page=3, now=env.now.isoformat())) == [DIED]
    assert sum(bool(env.day("2027-03-15", uid)) for uid in users) == done
    report = env.reset_periods()
    assert (report.users, report.failed, report.finished) == (8 - done, 0, True)
    for uid in users:
        assert env.day("2027-03-15", uid)["used"] == 1
        assert [each["used"] for each in env.closed("period", uid)] == [1]
        assert row(env.check(uid)) == (10, 0, 0)
        assert_counters_match_records(env.db, uid)
    assert env.reset_periods().users == 0


def test_an_expiry_that_is_cut_off_is_gone_on_with_and_everything_is_given_back_once(
    env: Environment, project: str
) -> None:
    """B12, B11"""
    users = [f"user{n}" for n in range(7)]
    for uid in users:
        env.create(uid)
    env.pass_time(hours=1)
    job = Job("expire_generations", page=3, now=env.now.isoformat(), die_after_commit=1)
    assert run(project, job) == [DIED]
    statuses = [record["generationStatus"] for uid in users for record in env.records(uid)]
    assert sorted(statuses) == ["expired"] * 3 + ["pending"] * 4
    assert env.expire_generations().users == 4
    for uid in users:
        assert env.user(uid)["quota"]["failed"] == 1
        assert "expireAt" not in env.user(uid)["quota"]
        assert_counters_match_records(env.db, uid)


def test_two_processes_that_reset_at_once_reset_everyone_once(
    env: Environment, project: str
) -> None:
    """C5"""
    users = [f"user{n}" for n in range(12)]
    for uid in users:
        env.generate(uid)
    env.now = START + timedelta(days=20)
    job = Job("reset_periods", page=5, now=env.now.isoformat())
    assert run(project, job, job) == [{"ok": 1}, {"ok": 1}]
    for uid in users:
        assert env.day("2027-03-15", uid)["used"] == 1
        assert_counters_match_records(env.db, uid)
