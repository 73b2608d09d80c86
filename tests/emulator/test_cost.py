"""What each call costs, exactly: RPCs, and documents read and written. It must not grow unseen.

Plans are read on each call here (`PLAN_CACHE_SECONDS=0`), so each read is one document more than with a
plan that is remembered; the last tests say so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import GenerationClosed, QuotaExceeded
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import Clock
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import check_limit
from genquota.use_cases.jobs import sweep
from tests.emulator.environment import START
from tests.emulator.rpc_faults import overtaking
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from tests.emulator.environment import Environment

READ_ONLY = Calls(read_rpcs=1, documents_read=2)
"""User and plan."""


@pytest.fixture(autouse=True)
def known(env: Environment) -> None:
    """Let the user exist, with a success behind them."""
    env.generate()


def test_a_check_is_one_read_and_no_write(env: Environment) -> None:
    with counting(env.db) as calls:
        env.check()
    assert calls == READ_ONLY
    assert sorted(calls.read_paths) == ["plans/free", "users/ada"]


def test_a_check_is_one_read_and_no_write_also_when_windows_have_ended(
    env: Environment,
) -> None:
    env.now = START + timedelta(days=40)
    with counting(env.db) as calls:
        env.check()
    assert calls == READ_ONLY


def test_get_usage_is_one_read_and_no_write(env: Environment) -> None:
    with counting(env.db) as calls:
        env.usage()
    assert calls == READ_ONLY


def test_a_create_is_one_read_and_one_commit_of_two_documents(env: Environment) -> None:
    with counting(env.db) as calls:
        opened = env.create()
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)
    record = f"userGenerations/{opened.generation.id}"
    assert sorted(calls.read_paths) == ["plans/free", record, "users/ada"]
    assert sorted(calls.written_paths) == [record, "users/ada"]


@pytest.mark.parametrize("status", ["processing", "success", "failed", "cancelled"])
def test_a_report_is_one_read_and_one_commit_of_two_documents(
    env: Environment, status: str
) -> None:
    opened = env.create()
    with counting(env.db) as calls:
        env.report(opened, status)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)


def test_a_replay_and_a_repeated_report_are_one_read_and_no_write(env: Environment) -> None:
    opened = env.create(key="k")
    with counting(env.db) as calls:
        env.create(key="k")
    assert calls == Calls(read_rpcs=1, documents_read=3)
    env.report(opened, "success")
    with counting(env.db) as calls:
        env.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3)


def test_whatever_is_refused_is_one_read_and_no_write(env: Environment) -> None:
    opened = env.create()
    env.report(opened, "failed")
    env.plan(limits={"period": 1})
    with counting(env.db) as calls, pytest.raises(QuotaExceeded):
        env.create()
    assert calls == Calls(read_rpcs=1, documents_read=3)
    with counting(env.db) as calls, pytest.raises(GenerationClosed):
        env.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3)


def test_a_service_that_does_not_name_the_user_pays_one_read_more(env: Environment) -> None:
    env.edit("server", role="service")
    first, second = env.create(), env.create()
    with counting(env.db) as calls:
        env.report(first, "success", by="server")
    assert calls == Calls(read_rpcs=2, documents_read=5, commits=1, writes=2)
    with counting(env.db) as calls:
        env.report(second, "success", by="server", naming_user=True)
    assert calls == Calls(read_rpcs=1, documents_read=4, commits=1, writes=2)


def test_server_code_that_does_not_name_the_user_pays_one_read_more(env: Environment) -> None:
    first, second = env.create(), env.create()
    with counting(env.db) as calls:
        env.report(first, "success", by=None)
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
    with counting(env.db) as calls:
        env.report(second, "success", by=None, naming_user=True)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)


def test_a_first_call_writes_the_user_document_once(env: Environment) -> None:
    with counting(env.db) as calls:
        env.check("new")
        env.check("new")
    assert calls == Calls(read_rpcs=2, documents_read=4, commits=1, writes=1)
    with counting(env.db) as calls:
        env.create("newer")
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)


def test_the_call_that_rolls_windows_writes_what_closes_them_in_the_same_commit(
    env: Environment,
) -> None:
    env.pass_time(days=1)
    with counting(env.db) as calls:
        env.create()
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=3)
    assert "usageDaily/ada_2027-03-15" in calls.written_paths
    env.now = START + timedelta(days=40)
    with counting(env.db) as calls:
        env.create()
    # Of the day that rolled first nothing is left; week, month, quarter and period close now, and a notice
    # says that a period has begun.
    assert sorted(path for path in calls.written_paths if "Generations" not in path) == [
        "usageDaily/ada_2027-03-16",
        "users/ada",
        "users/ada/notices/period_20270401T000000Z",
        "users/ada/windows/month_20270301T000000Z",
        "users/ada/windows/period_20270301T000000Z",
        "users/ada/windows/quarter_20270101T000000Z",
        "users/ada/windows/week_20270315T000000Z",
    ]


def test_no_call_writes_anything_but_the_users_own_documents(env: Environment) -> None:
    """E6: no global counter, nothing that all users share."""
    with counting(env.db) as calls:
        env.check("bob")
        opened = env.create("bob")
        env.report(opened, "success", "bob")
        env.pass_time(days=40)
        env.create("bob")
        env.hide(opened, "bob")
        env.change_profile("bob", displayName="Bob")
        env.pass_time(hours=1)
        env.expire_generations()
        env.reset_periods()
    foreign = [
        path
        for path in calls.written_paths
        if not path.startswith(("users/bob", "userGenerations/", "usageDaily/bob_"))
    ]
    # The jobs found the other user of this test, too.
    assert {path for path in foreign if "ada" not in path} == set()
    assert calls.others == {}


def test_a_remembered_plan_is_not_read_again_until_its_time_is_over(
    env: Environment, new_client: Callable[[], Client]
) -> None:
    fresh = env.through(new_client(), policy=Policy(plan_cache=timedelta(seconds=60)))
    with counting(fresh.db) as calls:
        fresh.check()
        fresh.check()
        fresh.create()
    assert calls == Calls(read_rpcs=3, documents_read=2 + 1 + 2, commits=1, writes=2)
    fresh.set_policy(plan_cache=timedelta(0))
    with counting(fresh.db) as calls:
        fresh.check()
    assert calls == READ_ONLY


def test_only_a_wrong_guess_at_the_plan_costs_a_read_of_its_own(
    env: Environment, other: Environment
) -> None:
    env.edit(planId="plus")
    with counting(other.db) as calls:
        other.check()
    assert calls == Calls(read_rpcs=2, documents_read=3)
    with counting(other.db) as calls:
        other.check()
        other.create()
    assert calls == Calls(read_rpcs=2, documents_read=5, commits=1, writes=2)
    assert "plans/free" not in calls.read_paths


@pytest.mark.usefixtures("without_lock_stripes")
def test_being_overtaken_costs_one_more_read_and_commit_each_time(
    env: Environment, other: Environment
) -> None:
    with counting(env.db) as calls, overtaking(env.db, other.create, times=2):
        env.create()
    assert calls == Calls(read_rpcs=3, documents_read=9, commits=3, writes=2)


def test_a_reset_reads_each_due_user_once_and_writes_them_together(env: Environment) -> None:
    for n in range(9):
        env.generate(f"user{n}")
    env.now = START + timedelta(days=1)
    with counting(env.db) as calls:
        assert env.reset_periods().users == 10
    # The plan is read once for the page; each user is written with their closed day.
    assert calls == Calls(
        read_rpcs=1, documents_read=1, commits=1, writes=20, queries=1, query_results=10
    )
    env.now = datetime(2027, 5, 1, tzinfo=UTC)
    with counting(env.db) as calls:
        assert env.reset_periods().users == 10
    assert (calls.commits, calls.writes) == (1, 60), "user, week, month, quarter, period, notice"
    with counting(env.db) as calls:
        assert env.reset_periods() == sweep.SweepReport(users=0, failed=0, finished=True)
    assert calls == Calls(queries=1)


def test_an_expiry_writes_each_user_and_record_once(env: Environment) -> None:
    for n in range(5):
        env.create(f"user{n}")
    for _ in range(3):
        env.create()
    env.pass_time(hours=1)
    with counting(env.db) as calls:
        assert env.expire_generations().users == 6
    assert calls == Calls(
        read_rpcs=1, documents_read=1, commits=1, writes=6 + 8, queries=1, query_results=6
    )


def test_time_travel_reads_one_document_more_in_the_same_call(env: Environment) -> None:
    context = Context(env.db, Clock(travels=True), env.policy)
    with counting(env.db) as calls:
        check_limit.check_limit(context, Caller("ada"), None, QuotaRequest())
    assert calls == Calls(read_rpcs=1, documents_read=3)
    assert "testClock/now" in calls.read_paths
