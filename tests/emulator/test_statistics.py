"""What closes is counted into its day, each generation once, however it went on afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.quota.decision import Ask
from genquota.domain.statistics.daily import NEW, Counts
from genquota.use_cases.generations.create_generation import Order
from genquota.use_cases.generations.track_generation import track_generation
from genquota.use_cases.jobs import daily_statistics
from tests.emulator.days import (
    JOB,
    assert_counted_once,
    count_now,
    document,
    run_statistics,
    stored,
)
from tests.emulator.desk import Desk
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.world import World

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _plan(world: World) -> None:
    world.plan("free")


def test_all_that_has_closed_is_counted_once(world: World) -> None:
    world.generate(type="video", engine="flux")
    world.report(world.create("bob", engine="sd"), "failed", "bob", error_message="timeout 31 s")
    world.report(world.create("bob"), "cancelled", "bob")
    world.create("eve")
    track_generation(world.context, None, "ada", Order("k", Ask(), {"promptId": "p2"}, {}))
    report = count_now(world)
    assert (report.generations, report.failed, report.finished) == (4, 0, True)
    day = stored(world).day
    assert day.statistics.by_type == {
        "image": Counts(success=1, failed=1, cancelled=1, charged=1),
        "video": Counts(success=1, charged=1),
    }
    assert day.statistics.gaps == {NEW: 2, 0: 2}
    assert {name: sorted(found.entries) for name, found in day.lists.items()} == {
        "users": ["ada", "bob"],
        "prompts": ["p1", "p2"],
        "errors": ["timeout # s"],
    }
    assert_counted_once(world)
    assert run_statistics(world).generations == 0
    assert_counted_once(world)


def test_what_closed_just_now_waits(world: World) -> None:
    world.generate()
    world.pass_time(seconds=29)
    assert run_statistics(world).generations == 0
    world.pass_time(seconds=2)
    assert run_statistics(world).generations == 1


def test_what_expires_is_counted_when_it_is_swept(world: World) -> None:
    world.create()
    world.pass_time(hours=1)
    assert count_now(world).generations == 0
    world.expire_generations()
    assert count_now(world).generations == 1
    assert stored(world).day.statistics.by_type == {"image": Counts(expired=1)}


@pytest.mark.parametrize("is_counted_before", [False, True])
def test_a_late_success_is_counted_as_what_it_became(
    world: World, *, is_counted_before: bool
) -> None:
    opened = world.create(metadata={"model": "a"})
    world.pass_time(hours=1)
    world.expire_generations()
    if is_counted_before:
        assert count_now(world).generations == 1
    world.report(opened, "success", metadata={"model": "b"}, outputs=2)
    report = count_now(world)
    assert (report.generations, report.changes) == (int(not is_counted_before), 1)
    day = stored(world).day.statistics
    assert (day.total, day.late, day.charged, day.outputs) == (1, 1, 1, 2)
    assert day.by_type == {"image": Counts(success=1, charged=1)}
    assert day.by_model == {"b": Counts(success=1, charged=1)}
    assert_counted_once(world)


@pytest.mark.parametrize("is_counted_before", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_a_refund_is_counted(world: World, *, is_counted_before: bool, is_late: bool) -> None:
    opened = world.create()
    if is_late:
        world.pass_time(hours=1)
        world.expire_generations()
    world.report(opened, "success")
    if is_counted_before:
        count_now(world)
    Desk(world, None).refund(opened.generation.id)
    report = count_now(world)
    assert report.changes == 1 + (is_late and not is_counted_before)
    day = stored(world).day.statistics
    assert (day.total, day.late, day.charged, day.refunded) == (1, int(is_late), 0, 1)
    assert_counted_once(world)


def test_a_change_waits_for_its_generation(world: World) -> None:
    opened = world.generate()
    world.pass_time(seconds=10)
    Desk(world, None).refund(opened.generation.id)
    report = run_statistics(world)
    assert (report.generations, report.changes) == (0, 0)
    report = count_now(world)
    assert (report.generations, report.changes) == (1, 1)
    assert_counted_once(world)


def test_a_dry_run_says_what_is_due_and_writes_nothing(world: World) -> None:
    Desk(world, None).refund(world.generate().generation.id)
    world.pass_time(seconds=31)
    report = daily_statistics.daily_statistics(world.context, A_DAY, dry_run=True)
    assert (report.generations, report.changes, report.finished) == (1, 1, True)
    assert not document(world)
    assert not world.db.document(JOB).get().exists


def test_days_are_those_of_the_deployment(world: World) -> None:
    world.set_policy(default_timezone="Pacific/Auckland")
    world.pass_time(hours=3)  # midnight and an hour of the 16th in Auckland
    world.generate()
    count_now(world)
    assert not document(world)
    day = document(world, date(2027, 3, 16))
    assert (day["timezone"], day["hours"]) == ("Pacific/Auckland", {"1": 1})


def test_pages_of_many_days_are_counted_by_few_days_a_commit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily_statistics, "PAGE", 4)
    for _ in range(9):
        world.generate()
        world.pass_time(hours=20)
    with counting(world.db) as calls:
        daily_statistics.count_closed(world.context, A_DAY)
    assert_counted_once(world)
    assert document(world)["lists"] == ["users", "prompts"]
    # Pages of 4, 4 and 1 records, which are of 3, 4 and 1 days.
    assert calls.commits == 2 + 2 + 2 + 1


def test_a_record_that_somebody_broke_is_passed_over(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = world.generate(), world.generate("bob")
    for opened, edit in ((broken, {"charged": "a lot"}), (world.generate("eve"), {"type": ""})):
        world.db.document(f"userGenerations/{opened.generation.id}").update(edit)
    report = count_now(world)
    assert (report.generations, report.failed, report.finished) == (1, 2, True)
    assert broken.generation.id in caplog.text
    assert fine.generation.id not in caplog.text


def test_a_broken_record_is_refunded_all_the_same(world: World) -> None:
    opened = world.generate()
    reference = world.db.document(f"userGenerations/{opened.generation.id}")
    reference.update({"metadata": "gone"})
    Desk(world, None).refund(opened.generation.id)
    assert world.record(opened)["refunded"] is True


def test_what_the_engine_says_names_fields_safely(world: World) -> None:
    for number, model in enumerate(["__proto__", "", "a.b/c", "x" * 1000, 7, "____"]):
        opened = world.create(f"user{number}", metadata={"model": model})
        world.report(opened, "success", f"user{number}")
    assert count_now(world).failed == 0
    assert set(document(world)["byModel"]) == {"proto", "a.b/c", "x" * 128}


def test_reads_and_writes_of_a_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One read for each record; for each page the cursor and the documents of its days."""
    monkeypatch.setattr(daily_statistics, "PAGE", 5)
    for _ in range(10):
        world.generate()
    world.pass_time(seconds=31)
    with counting(world.db) as calls:
        run_statistics(world)
    assert calls.query_results == 10
    assert calls.queries == 4  # two pages, an empty third, and the changes
    assert calls.documents_read == 5  # the job, and a day with its lists
    assert calls.commits == 4  # the lease twice, and two pages
    assert calls.writes == 2 + 2 * 4
    with counting(world.db) as calls:
        run_statistics(world)
    assert (calls.documents_read, calls.queries, calls.writes) == (1, 2, 2)


def test_the_job_says_until_when_all_is_counted(world: World) -> None:
    run_statistics(world)
    assert world.db.document(JOB).get().get("updatedAt") == world.now - timedelta(seconds=30)
    assert document(world) == {}


@pytest.mark.parametrize(
    "edit",
    [{"userId": ["x"]}, {"createdAt": datetime(1, 1, 1, tzinfo=UTC)}, {"charged": 2**62}],
    ids=str,
)
def test_an_edited_record_is_passed_over_and_the_rest_is_counted(
    world: World, edit: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    world.set_policy(default_timezone="America/New_York")
    edited = world.generate("bob").generation.id
    world.generate()
    world.db.document(f"userGenerations/{edited}").update(edit)
    report = count_now(world)
    assert (report.generations, report.failed, report.finished) == (1, 1, True)
    assert f"generation {edited} is not understood, and was passed over" in caplog.text
    assert list(stored(world).day.lists["users"].entries) == ["ada"]
