"""Days that are over are compared with their records, and counted anew where that does not agree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.statistics.daily import NEW, StatusCounts
from genquota.use_cases.jobs import daily_statistics, statistics_rebuild
from genquota.use_cases.jobs.statistics_check import check_days
from genquota.use_cases.jobs.statistics_run import StatisticsReport, begin_run
from ops.statistics_history import rebuild_days
from tests.emulator.operator_actions import OperatorActions
from tests.emulator.rpc_faults import before_rpc
from tests.emulator.statistics_days import (
    JOB,
    MARCH_15,
    assert_counted_once,
    count_now,
    document,
    recount,
    run_statistics,
    stored,
)
from tests.rpc_counter import QUERY

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from tests.emulator.environment import Environment

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _plan(env: Environment) -> None:
    env.plan("free")


def forget_closing(env: Environment, *generations: CreatedGeneration) -> None:
    """Let records be as they were before they said when they closed."""
    from google.cloud.firestore import DELETE_FIELD  # noqa: PLC0415

    for each in generations:
        fields = dict.fromkeys(("closedAt", "closedAs", "previousAt"), DELETE_FIELD)
        env.db.document(f"userGenerations/{each.generation.id}").update(fields)


def damage(env: Environment) -> None:
    reference = env.db.document("analyticsDaily/2027-03-15")
    reference.update({"byType.image.success": 0, "total": 0})


def test_a_day_is_final_two_days_later(env: Environment) -> None:
    env.generate()
    env.hide(env.generate("bob"), "bob")
    count_now(env)
    assert document(env)["isFinal"] is False
    env.now = env.now.replace(day=16, hour=23, minute=59)
    assert run_statistics(env).final == 0
    env.pass_time(minutes=2)
    report = run_statistics(env)
    assert (report.final, report.rebuilt, report.finished) == (1, 0, True)
    assert document(env)["isFinal"] is True
    assert env.db.document(JOB).get().get("finalUntil") == "2027-03-16"
    assert run_statistics(env).final == 0
    assert_counted_once(env)


def test_days_without_generations_are_final_too(env: Environment) -> None:
    env.generate()
    count_now(env)
    env.pass_time(days=5)
    report = run_statistics(env)
    assert (report.final, report.drifted) == (4, 0)
    assert not document(env, date(2027, 3, 16))


def test_drift_is_logged_and_put_right(env: Environment, caplog: pytest.LogCaptureFixture) -> None:
    env.generate()
    count_now(env)
    damage(env)
    env.pass_time(days=2)
    report = run_statistics(env)
    assert (report.final, report.drifted, report.rebuilt) == (1, 1, 1)
    (answer,) = [record for record in caplog.records if hasattr(record, "facts")]
    assert answer.facts == {
        "drift": "2027-03-15 success",
        "stored": 0,
        "recomputed": 1,
        "isRepaired": True,
    }
    assert_counted_once(env)


def test_a_record_that_the_cursor_missed_is_found(env: Environment) -> None:
    """A clock that is wrong by more than the lag, or a commit that was held back longer."""
    late = env.generate()
    env.generate("bob")
    reference = env.db.document(f"userGenerations/{late.generation.id}")
    right = env.record(late)
    reference.delete()
    count_now(env)
    reference.set({**right, "closedAt": right["closedAt"] - timedelta(minutes=5)})
    count_now(env)
    assert stored(env).day.statistics.total == 1
    env.pass_time(days=2)
    assert run_statistics(env).drifted == 1
    assert_counted_once(env)


def test_changes_that_wait_are_no_drift(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = env.create()
    env.pass_time(hours=1)
    env.expire_generations()
    count_now(env)
    env.pass_time(days=2)
    monkeypatch.setattr(daily_statistics, "_count_changes", lambda _run, _stop_at: True)
    env.report(opened, "success")
    report = run_statistics(env)
    assert (report.final, report.drifted, report.rebuilt) == (1, 0, 0)
    monkeypatch.undo()
    assert run_statistics(env).changes == 1
    assert_counted_once(env)


def test_a_rebuilt_day_counts_changes_once(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that wait are in what is read; those that come while it is read are counted later."""
    first, second = env.generate(), env.generate("bob")
    count_now(env)
    env.pass_time(days=2)
    OperatorActions(env, None).refund(first.generation.id)
    damage(env)
    monkeypatch.setattr(daily_statistics, "_count_changes", lambda _run, _stop_at: True)

    def meanwhile() -> None:
        OperatorActions(env, None).refund(second.generation.id, "bob")

    with before_rpc(env.db, QUERY, meanwhile, skip=2):
        report = run_statistics(env)
    assert (report.rebuilt, stored(env).day.statistics.charged) == (1, 1)
    monkeypatch.undo()
    assert run_statistics(env).changes == 1
    assert_counted_once(env)


def test_records_from_before_are_counted_with_their_day(
    env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """The day of the release: some records closed before they said when. That is no drift."""
    env.generate(key="a")
    env.pass_time(days=3)
    older = [env.generate() for _ in range(2)] + [env.generate("bob")]
    forget_closing(env, *older)
    env.pass_time(minutes=5)
    env.generate()
    count_now(env)
    env.pass_time(days=2)
    report = run_statistics(env)
    assert (report.rebuilt, report.drifted) == (1, 0)
    assert not [record for record in caplog.records if hasattr(record, "facts")]
    day = stored(env, date(2027, 3, 18)).day.statistics
    assert (day.total, day.gaps) == (4, {3: 1, 0: 2, NEW: 1})


def test_a_change_of_a_record_from_before_counts_only_if_the_record_does(
    env: Environment,
) -> None:
    old = env.generate()
    forget_closing(env, old)
    OperatorActions(env, None).refund(old.generation.id)
    assert count_now(env).changes == 1
    assert not document(env)
    again = env.generate()
    forget_closing(env, again)
    count_now(env)
    env.generate("eve")
    count_now(env)
    env.pass_time(days=2)
    run_statistics(env)
    assert stored(env).day.statistics.charged == 2
    OperatorActions(env, None).refund(again.generation.id)
    run_statistics(env)
    assert stored(env).day.statistics.charged == 1
    assert stored(env).day == _with_gaps_of_a_rebuild(env)


def _with_gaps_of_a_rebuild(env: Environment) -> object:
    from dataclasses import replace  # noqa: PLC0415

    day = recount(env)[MARCH_15]
    return replace(day, statistics=replace(day.statistics, gaps={NEW: 2, 0: 1}))


def test_what_is_open_is_left_out_of_a_rebuild_and_counted_when_it_closes(
    env: Environment,
) -> None:
    env.generate()
    env.create("bob")
    count_now(env)
    damage(env)
    env.pass_time(days=2)
    assert run_statistics(env).rebuilt == 1
    assert stored(env).day.statistics.by_type == {"image": StatusCounts(success=1, charged=1)}
    env.expire_generations()
    count_now(env)
    assert_counted_once(env)


def test_a_rebuild_of_today_leaves_what_the_cursor_has_not_passed(env: Environment) -> None:
    env.generate()
    count_now(env)
    OperatorActions(env, None).refund(env.generate("bob").generation.id)
    report = rebuild_days(env.context, MARCH_15, MARCH_15, A_DAY)
    assert (report.rebuilt, report.generations, report.finished) == (1, 1, True)
    assert document(env)["isFinal"] is False
    count_now(env)
    assert_counted_once(env)


def test_a_rebuild_reads_page_by_page(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics_rebuild, "PAGE", 2)
    for number in range(5):
        opened = env.generate(f"user{number % 2}")
        if number % 2:
            env.hide(opened, "user1")
        env.pass_time(minutes=1)
    count_now(env)
    damage(env)
    env.pass_time(days=2)
    assert run_statistics(env).rebuilt == 1
    assert_counted_once(env)


def test_a_run_without_time_goes_on_next_time(env: Environment) -> None:
    env.generate()
    count_now(env)
    env.pass_time(days=3)
    report = run_statistics(env, timedelta(0))
    assert (report.finished, report.final) == (False, 0)
    assert run_statistics(env).final == 2


def test_a_check_without_time_is_left_to_the_next_run(env: Environment) -> None:
    env.generate()
    count_now(env)
    env.pass_time(days=3)
    run = begin_run(env.context, StatisticsReport())
    assert run
    assert check_days(run, env.now, stop_at=0.0) is False
    assert run.report.final == 0
