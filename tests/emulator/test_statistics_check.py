"""Days that are over are compared with their records, and counted anew where that does not agree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.statistics.daily import NEW, Counts
from genquota.use_cases.jobs import daily_statistics, statistics_rebuild
from genquota.use_cases.jobs.statistics_check import check_days
from genquota.use_cases.jobs.statistics_run import StatisticsReport, begin_run
from ops.statistics_history import rebuild_days
from tests.emulator.days import (
    JOB,
    MARCH_15,
    assert_counted_once,
    count_now,
    document,
    recount,
    run_statistics,
    stored,
)
from tests.emulator.desk import Desk
from tests.emulator.faults import before_rpc
from tests.rpc_counter import QUERY

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import Opened
    from tests.emulator.world import World

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _plan(world: World) -> None:
    world.plan("free")


def forget_closing(world: World, *generations: Opened) -> None:
    """Let records be as they were before they said when they closed."""
    from google.cloud.firestore import DELETE_FIELD  # noqa: PLC0415

    for each in generations:
        fields = dict.fromkeys(("closedAt", "closedAs", "previousAt"), DELETE_FIELD)
        world.db.document(f"userGenerations/{each.generation.id}").update(fields)


def damage(world: World) -> None:
    reference = world.db.document("analyticsDaily/2027-03-15")
    reference.update({"byType.image.success": 0, "total": 0})


def test_a_day_is_final_two_days_later(world: World) -> None:
    world.generate()
    world.hide(world.generate("bob"), "bob")
    count_now(world)
    assert document(world)["isFinal"] is False
    world.now = world.now.replace(day=16, hour=23, minute=59)
    assert run_statistics(world).final == 0
    world.pass_time(minutes=2)
    report = run_statistics(world)
    assert (report.final, report.rebuilt, report.finished) == (1, 0, True)
    assert document(world)["isFinal"] is True
    assert world.db.document(JOB).get().get("finalUntil") == "2027-03-16"
    assert run_statistics(world).final == 0
    assert_counted_once(world)


def test_days_without_generations_are_final_too(world: World) -> None:
    world.generate()
    count_now(world)
    world.pass_time(days=5)
    report = run_statistics(world)
    assert (report.final, report.drifted) == (4, 0)
    assert not document(world, date(2027, 3, 16))


def test_drift_is_logged_and_put_right(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.generate()
    count_now(world)
    damage(world)
    world.pass_time(days=2)
    report = run_statistics(world)
    assert (report.final, report.drifted, report.rebuilt) == (1, 1, 1)
    (told,) = [record for record in caplog.records if hasattr(record, "facts")]
    assert told.facts == {
        "drift": "2027-03-15 success",
        "stored": 0,
        "recomputed": 1,
        "isRepaired": True,
    }
    assert_counted_once(world)


def test_a_record_that_the_cursor_missed_is_found(world: World) -> None:
    """A clock that is wrong by more than the lag, or a commit that was held back longer."""
    late = world.generate()
    world.generate("bob")
    reference = world.db.document(f"userGenerations/{late.generation.id}")
    right = world.record(late)
    reference.delete()
    count_now(world)
    reference.set({**right, "closedAt": right["closedAt"] - timedelta(minutes=5)})
    count_now(world)
    assert stored(world).day.statistics.total == 1
    world.pass_time(days=2)
    assert run_statistics(world).drifted == 1
    assert_counted_once(world)


def test_changes_that_wait_are_no_drift(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = world.create()
    world.pass_time(hours=1)
    world.expire_generations()
    count_now(world)
    world.pass_time(days=2)
    monkeypatch.setattr(daily_statistics, "_count_changes", lambda _run, _stop_at: True)
    world.report(opened, "success")
    report = run_statistics(world)
    assert (report.final, report.drifted, report.rebuilt) == (1, 0, 0)
    monkeypatch.undo()
    assert run_statistics(world).changes == 1
    assert_counted_once(world)


def test_a_rebuilt_day_counts_changes_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait are in what is read; those that come while it is read are counted later."""
    first, second = world.generate(), world.generate("bob")
    count_now(world)
    world.pass_time(days=2)
    Desk(world, None).refund(first.generation.id)
    damage(world)
    monkeypatch.setattr(daily_statistics, "_count_changes", lambda _run, _stop_at: True)

    def meanwhile() -> None:
        Desk(world, None).refund(second.generation.id, "bob")

    with before_rpc(world.db, QUERY, meanwhile, skip=2):
        report = run_statistics(world)
    assert (report.rebuilt, stored(world).day.statistics.charged) == (1, 1)
    monkeypatch.undo()
    assert run_statistics(world).changes == 1
    assert_counted_once(world)


def test_records_from_before_are_counted_with_their_day(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The day of the release: some records closed before they said when. That is no drift."""
    world.generate(key="a")
    world.pass_time(days=3)
    older = [world.generate() for _ in range(2)] + [world.generate("bob")]
    forget_closing(world, *older)
    world.pass_time(minutes=5)
    world.generate()
    count_now(world)
    world.pass_time(days=2)
    report = run_statistics(world)
    assert (report.rebuilt, report.drifted) == (1, 0)
    assert not [record for record in caplog.records if hasattr(record, "facts")]
    day = stored(world, date(2027, 3, 18)).day.statistics
    assert (day.total, day.gaps) == (4, {3: 1, 0: 2, NEW: 1})


def test_a_change_of_a_record_from_before_counts_only_if_the_record_does(world: World) -> None:
    old = world.generate()
    forget_closing(world, old)
    Desk(world, None).refund(old.generation.id)
    assert count_now(world).changes == 1
    assert not document(world)
    again = world.generate()
    forget_closing(world, again)
    count_now(world)
    world.generate("eve")
    count_now(world)
    world.pass_time(days=2)
    run_statistics(world)
    assert stored(world).day.statistics.charged == 2
    Desk(world, None).refund(again.generation.id)
    run_statistics(world)
    assert stored(world).day.statistics.charged == 1
    assert stored(world).day == _with_gaps_of_a_rebuild(world)


def _with_gaps_of_a_rebuild(world: World) -> object:
    from dataclasses import replace  # noqa: PLC0415

    day = recount(world)[MARCH_15]
    return replace(day, statistics=replace(day.statistics, gaps={NEW: 2, 0: 1}))


def test_what_is_open_is_left_out_of_a_rebuild_and_counted_when_it_closes(world: World) -> None:
    world.generate()
    world.create("bob")
    count_now(world)
    damage(world)
    world.pass_time(days=2)
    assert run_statistics(world).rebuilt == 1
    assert stored(world).day.statistics.by_type == {"image": Counts(success=1, charged=1)}
    world.expire_generations()
    count_now(world)
    assert_counted_once(world)


def test_a_rebuild_of_today_leaves_what_the_cursor_has_not_passed(world: World) -> None:
    world.generate()
    count_now(world)
    Desk(world, None).refund(world.generate("bob").generation.id)
    report = rebuild_days(world.context, MARCH_15, MARCH_15, A_DAY)
    assert (report.rebuilt, report.generations, report.finished) == (1, 1, True)
    assert document(world)["isFinal"] is False
    count_now(world)
    assert_counted_once(world)


def test_a_rebuild_reads_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics_rebuild, "PAGE", 2)
    for number in range(5):
        opened = world.generate(f"user{number % 2}")
        if number % 2:
            world.hide(opened, "user1")
        world.pass_time(minutes=1)
    count_now(world)
    damage(world)
    world.pass_time(days=2)
    assert run_statistics(world).rebuilt == 1
    assert_counted_once(world)


def test_a_run_without_time_goes_on_next_time(world: World) -> None:
    world.generate()
    count_now(world)
    world.pass_time(days=3)
    report = run_statistics(world, timedelta(0))
    assert (report.finished, report.final) == (False, 0)
    assert run_statistics(world).final == 2


def test_a_check_without_time_is_left_to_the_next_run(world: World) -> None:
    world.generate()
    count_now(world)
    world.pass_time(days=3)
    run = begin_run(world.context, StatisticsReport())
    assert run
    assert check_days(run, world.now, stop_at=0.0) is False
    assert run.report.final == 0
