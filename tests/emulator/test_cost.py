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
from genquota.domain.quota.decision import Ask
from genquota.store.clock import Clock
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import check_limit
from genquota.use_cases.jobs import sweep
from tests.emulator.faults import overtaking
from tests.emulator.world import START
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from tests.emulator.world import World

READ_ONLY = Calls(read_rpcs=1, documents_read=2)
"""User and plan."""


@pytest.fixture(autouse=True)
def known(world: World) -> None:
    """Let the user exist, with a success behind them."""
    world.generate()


def test_a_check_is_one_read_and_no_write(world: World) -> None:
    with counting(world.db) as calls:
        world.check()
    assert calls == READ_ONLY
    assert sorted(calls.read_paths) == ["plans/free", "users/ada"]


def test_a_check_is_one_read_and_no_write_also_when_windows_have_ended(world: World) -> None:
    world.now = START + timedelta(days=40)
    with counting(world.db) as calls:
        world.check()
    assert calls == READ_ONLY


def test_get_usage_is_one_read_and_no_write(world: World) -> None:
    with counting(world.db) as calls:
        world.usage()
    assert calls == READ_ONLY


def test_a_create_is_one_read_and_one_commit_of_two_documents(world: World) -> None:
    with counting(world.db) as calls:
        opened = world.create()
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)
    record = f"userGenerations/{opened.generation.id}"
    assert sorted(calls.read_paths) == ["plans/free", record, "users/ada"]
    assert sorted(calls.written_paths) == [record, "users/ada"]


@pytest.mark.parametrize("status", ["processing", "success", "failed", "cancelled"])
def test_a_report_is_one_read_and_one_commit_of_two_documents(world: World, status: str) -> None:
    opened = world.create()
    with counting(world.db) as calls:
        world.report(opened, status)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)


def test_a_replay_and_a_repeated_report_are_one_read_and_no_write(world: World) -> None:
    opened = world.create(key="k")
    with counting(world.db) as calls:
        world.create(key="k")
    assert calls == Calls(read_rpcs=1, documents_read=3)
    world.report(opened, "success")
    with counting(world.db) as calls:
        world.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3)


def test_whatever_is_refused_is_one_read_and_no_write(world: World) -> None:
    opened = world.create()
    world.report(opened, "failed")
    world.plan(limits={"period": 1})
    with counting(world.db) as calls, pytest.raises(QuotaExceeded):
        world.create()
    assert calls == Calls(read_rpcs=1, documents_read=3)
    with counting(world.db) as calls, pytest.raises(GenerationClosed):
        world.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3)


def test_a_service_that_does_not_name_the_user_pays_one_read_more(world: World) -> None:
    world.edit("server", role="service")
    first, second = world.create(), world.create()
    with counting(world.db) as calls:
        world.report(first, "success", by="server")
    assert calls == Calls(read_rpcs=2, documents_read=5, commits=1, writes=2)
    with counting(world.db) as calls:
        world.report(second, "success", by="server", naming_user=True)
    assert calls == Calls(read_rpcs=1, documents_read=4, commits=1, writes=2)


def test_server_code_that_does_not_name_the_user_pays_one_read_more(world: World) -> None:
    first, second = world.create(), world.create()
    with counting(world.db) as calls:
        world.report(first, "success", by=None)
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
    with counting(world.db) as calls:
        world.report(second, "success", by=None, naming_user=True)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)


def test_a_first_call_writes_the_user_document_once(world: World) -> None:
    with counting(world.db) as calls:
        world.check("new")
        world.check("new")
    assert calls == Calls(read_rpcs=2, documents_read=4, commits=1, writes=1)
    with counting(world.db) as calls:
        world.create("newer")
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)


def test_the_call_that_rolls_windows_writes_what_closes_them_in_the_same_commit(
    world: World,
) -> None:
    world.pass_time(days=1)
    with counting(world.db) as calls:
        world.create()
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=3)
    assert "usageDaily/ada_2027-03-15" in calls.written_paths
    world.now = START + timedelta(days=40)
    with counting(world.db) as calls:
        world.create()
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


def test_no_call_writes_anything_but_the_users_own_documents(world: World) -> None:
    """E6: no global counter, nothing that all users share."""
    with counting(world.db) as calls:
        world.check("bob")
        opened = world.create("bob")
        world.report(opened, "success", "bob")
        world.pass_time(days=40)
        world.create("bob")
        world.hide(opened, "bob")
        world.change_profile("bob", displayName="Bob")
        world.pass_time(hours=1)
        world.expire_generations()
        world.reset_periods()
    foreign = [
        path
        for path in calls.written_paths
        if not path.startswith(("users/bob", "userGenerations/", "usageDaily/bob_"))
    ]
    # The jobs found the other user of this test, too.
    assert {path for path in foreign if "ada" not in path} == set()
    assert calls.others == {}


def test_a_remembered_plan_is_not_read_again_until_its_time_is_over(
    world: World, new_client: Callable[[], Client]
) -> None:
    fresh = world.through(new_client(), policy=Policy(plan_cache=timedelta(seconds=60)))
    with counting(fresh.db) as calls:
        fresh.check()
        fresh.check()
        fresh.create()
    assert calls == Calls(read_rpcs=3, documents_read=2 + 1 + 2, commits=1, writes=2)
    fresh.set_policy(plan_cache=timedelta(0))
    with counting(fresh.db) as calls:
        fresh.check()
    assert calls == READ_ONLY


def test_only_a_wrong_guess_at_the_plan_costs_a_read_of_its_own(world: World, other: World) -> None:
    world.edit(planId="plus")
    with counting(other.db) as calls:
        other.check()
    assert calls == Calls(read_rpcs=2, documents_read=3)
    with counting(other.db) as calls:
        other.check()
        other.create()
    assert calls == Calls(read_rpcs=2, documents_read=5, commits=1, writes=2)
    assert "plans/free" not in calls.read_paths


@pytest.mark.usefixtures("without_lanes")
def test_being_overtaken_costs_one_more_read_and_commit_each_time(
    world: World, other: World
) -> None:
    with counting(world.db) as calls, overtaking(world.db, other.create, times=2):
        world.create()
    assert calls == Calls(read_rpcs=3, documents_read=9, commits=3, writes=2)


def test_a_reset_reads_each_due_user_once_and_writes_them_together(world: World) -> None:
    for n in range(9):
        world.generate(f"user{n}")
    world.now = START + timedelta(days=1)
    with counting(world.db) as calls:
        assert world.reset_periods().users == 10
    # The plan is read once for the page; each user is written with their closed day.
    assert calls == Calls(
        read_rpcs=1, documents_read=1, commits=1, writes=20, queries=1, query_results=10
    )
    world.now = datetime(2027, 5, 1, tzinfo=UTC)
    with counting(world.db) as calls:
        assert world.reset_periods().users == 10
    assert (calls.commits, calls.writes) == (1, 60), "user, week, month, quarter, period, notice"
    with counting(world.db) as calls:
        assert world.reset_periods() == sweep.SweepReport(users=0, failed=0, finished=True)
    assert calls == Calls(queries=1)


def test_an_expiry_writes_each_user_and_record_once(world: World) -> None:
    for n in range(5):
        world.create(f"user{n}")
    for _ in range(3):
        world.create()
    world.pass_time(hours=1)
    with counting(world.db) as calls:
        assert world.expire_generations().users == 6
    assert calls == Calls(
        read_rpcs=1, documents_read=1, commits=1, writes=6 + 8, queries=1, query_results=6
    )


def test_time_travel_reads_one_document_more_in_the_same_call(world: World) -> None:
    context = Context(world.db, Clock(travels=True), world.policy)
    with counting(world.db) as calls:
        check_limit.check_limit(context, Caller("ada"), None, Ask())
    assert calls == Calls(read_rpcs=1, documents_read=3)
    assert "testClock/now" in calls.read_paths
