"""What closes is counted into its day, each generation once, however it went on afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.statistics.daily import NEW, StatusCounts
from genquota.use_cases.generations.create_generation import CreateCommand
from genquota.use_cases.generations.track_generation import track_generation
from genquota.use_cases.jobs import daily_statistics
from tests.emulator.operator_actions import OperatorActions
from tests.emulator.statistics_days import (
    JOB,
    assert_counted_once,
    count_now,
    document,
    run_statistics,
    stored,
)
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _plan(env: Environment) -> None:
    env.plan("free")


def test_all_that_has_closed_is_counted_once(env: Environment) -> None:
    env.generate(type="video", engine="flux")
    env.report(env.create("bob", engine="sd"), "failed", "bob", error_message="timeout 31 s")
    env.report(env.create("bob"), "cancelled", "bob")
    env.create("eve")
    track_generation(
        env.context, None, "ada", CreateCommand("k", QuotaRequest(), {"promptId": "p2"}, {})
    )
    report = count_now(env)
    assert (report.generations, report.failed, report.finished) == (4, 0, True)
    day = stored(env).day
    assert day.statistics.by_type == {
        "image": StatusCounts(success=1, failed=1, cancelled=1, charged=1),
        "video": StatusCounts(success=1, charged=1),
    }
    assert day.statistics.gaps == {NEW: 2, 0: 2}
    assert {name: sorted(found.entries) for name, found in day.lists.items()} == {
        "users": ["ada", "bob"],
        "prompts": ["p1", "p2"],
        "errors": ["timeout # s"],
    }
    assert_counted_once(env)
    assert run_statistics(env).generations == 0
    assert_counted_once(env)


def test_what_closed_just_now_waits(env: Environment) -> None:
    env.generate()
    env.pass_time(seconds=29)
    assert run_statistics(env).generations == 0
    env.pass_time(seconds=2)
    assert run_statistics(env).generations == 1


def test_what_expires_is_counted_when_it_is_swept(env: Environment) -> None:
    env.create()
    env.pass_time(hours=1)
    assert count_now(env).generations == 0
    env.expire_generations()
    assert count_now(env).generations == 1
    assert stored(env).day.statistics.by_type == {"image": StatusCounts(expired=1)}


@pytest.mark.parametrize("is_counted_before", [False, True])
def test_a_late_success_is_counted_as_what_it_became(
    env: Environment, *, is_counted_before: bool
) -> None:
    opened = env.create(metadata={"model": "a"})
    env.pass_time(hours=1)
    env.expire_generations()
    if is_counted_before:
        assert count_now(env).generations == 1
    env.report(opened, "success", metadata={"model": "b"}, outputs=2)
    report = count_now(env)
    assert (report.generations, report.changes) == (int(not is_counted_before), 1)
    day = stored(env).day.statistics
    assert (day.total, day.late, day.charged, day.outputs) == (1, 1, 1, 2)
    assert day.by_type == {"image": StatusCounts(success=1, charged=1)}
    assert day.by_model == {"b": StatusCounts(success=1, charged=1)}
    assert_counted_once(env)


@pytest.mark.parametrize("is_counted_before", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_a_refund_is_counted(env: Environment, *, is_counted_before: bool, is_late: bool) -> None:
    opened = env.create()
    if is_late:
        env.pass_time(hours=1)
        env.expire_generations()
    env.report(opened, "success")
    if is_counted_before:
        count_now(env)
    OperatorActions(env, None).refund(opened.generation.id)
    report = count_now(env)
    assert report.changes == 1 + (is_late and not is_counted_before)
    day = stored(env).day.statistics
    assert (day.total, day.late, day.charged, day.refunded) == (1, int(is_late), 0, 1)
    assert_counted_once(env)


def test_a_change_waits_for_its_generation(env: Environment) -> None:
    opened = env.generate()
    env.pass_time(seconds=10)
    OperatorActions(env, None).refund(opened.generation.id)
    report = run_statistics(env)
    assert (report.generations, report.changes) == (0, 0)
    report = count_now(env)
    assert (report.generations, report.changes) == (1, 1)
    assert_counted_once(env)


def test_a_dry_run_says_what_is_due_and_writes_nothing(env: Environment) -> None:
    OperatorActions(env, None).refund(env.generate().generation.id)
    env.pass_time(seconds=31)
    report = daily_statistics.daily_statistics(env.context, A_DAY, dry_run=True)
    assert (report.generations, report.changes, report.finished) == (1, 1, True)
    assert not document(env)
    assert not env.db.document(JOB).get().exists


def test_days_are_those_of_the_deployment(env: Environment) -> None:
    env.set_policy(default_timezone="Pacific/Auckland")
    env.pass_time(hours=3)  # midnight and an hour of the 16th in Auckland
    env.generate()
    count_now(env)
    assert not document(env)
    day = document(env, date(2027, 3, 16))
    assert (day["timezone"], day["hours"]) == ("Pacific/Auckland", {"1": 1})


def test_pages_of_many_days_are_counted_by_few_days_a_commit(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily_statistics, "PAGE", 4)
    for _ in range(9):
        env.generate()
        env.pass_time(hours=20)
    with counting(env.db) as calls:
        daily_statistics.count_closed(env.context, A_DAY)
    assert_counted_once(env)
    assert document(env)["lists"] == ["users", "prompts"]
    # Pages of 4, 4 and 1 records, which are of 3, 4 and 1 days.
    assert calls.commits == 2 + 2 + 2 + 1


def test_a_record_that_somebody_broke_is_passed_over(
    env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = env.generate(), env.generate("bob")
    for opened, edit in (
        (broken, {"charged": "a lot"}),
        (env.generate("eve"), {"type": ""}),
    ):
        env.db.document(f"userGenerations/{opened.generation.id}").update(edit)
    report = count_now(env)
    assert (report.generations, report.failed, report.finished) == (1, 2, True)
    assert broken.generation.id in caplog.text
    assert fine.generation.id not in caplog.text


def test_a_broken_record_is_refunded_all_the_same(env: Environment) -> None:
    opened = env.generate()
    reference = env.db.document(f"userGenerations/{opened.generation.id}")
    reference.update({"metadata": "gone"})
    OperatorActions(env, None).refund(opened.generation.id)
    assert env.record(opened)["refunded"] is True


def test_what_the_engine_says_names_fields_safely(env: Environment) -> None:
    for number, model in enumerate(["__proto__", "", "a.b/c", "x" * 1000, 7, "____"]):
        opened = env.create(f"user{number}", metadata={"model": model})
        env.report(opened, "success", f"user{number}")
    assert count_now(env).failed == 0
    assert set(document(env)["byModel"]) == {"proto", "a.b/c", "x" * 128}


def test_reads_and_writes_of_a_run(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """One read for each record; for each page the cursor and the documents of its days."""
    monkeypatch.setattr(daily_statistics, "PAGE", 5)
    for _ in range(10):
        env.generate()
    env.pass_time(seconds=31)
    with counting(env.db) as calls:
        run_statistics(env)
    assert calls.query_results == 10
    assert calls.queries == 4  # two pages, an empty third, and the changes
    assert calls.documents_read == 5  # the job, and a day with its lists
    assert calls.commits == 4  # the lease twice, and two pages
    assert calls.writes == 2 + 2 * 4
    with counting(env.db) as calls:
        run_statistics(env)
    assert (calls.documents_read, calls.queries, calls.writes) == (1, 2, 2)


def test_the_job_says_until_when_all_is_counted(env: Environment) -> None:
    run_statistics(env)
    assert env.db.document(JOB).get().get("updatedAt") == env.now - timedelta(seconds=30)
    assert document(env) == {}


@pytest.mark.parametrize(
    "edit",
    [{"userId": ["x"]}, {"createdAt": datetime(1, 1, 1, tzinfo=UTC)}, {"charged": 2**62}],
    ids=str,
)
def test_an_edited_record_is_passed_over_and_the_rest_is_counted(
    env: Environment, edit: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    env.set_policy(default_timezone="America/New_York")
    edited = env.generate("bob").generation.id
    env.generate()
    env.db.document(f"userGenerations/{edited}").update(edit)
    report = count_now(env)
    assert (report.generations, report.failed, report.finished) == (1, 1, True)
    assert f"generation {edited} is not understood, and was passed over" in caplog.text
    assert list(stored(env).day.lists["users"].entries) == ["ada"]
