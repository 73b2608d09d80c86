"""What a day counts stays when its records are gone, and each day becomes final, the first ones too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.store.statistics import documents as statistics_documents
from genquota.use_cases.core.context import Caller
from genquota.use_cases.self_service.delete_user import delete_user
from ops.statistics_history import rebuild_days
from tests.emulator.days import MARCH_15, count_now, document, run_statistics, stored
from tests.emulator.desk import Desk
from tests.emulator.world import AN_HOUR

if TYPE_CHECKING:
    from tests.emulator.world import World


@pytest.fixture(autouse=True)
def _plan(world: World) -> None:
    world.plan("free")


def delete(world: World, uid: str) -> None:
    assert delete_user(world.context, Caller(uid), None, AN_HOUR).finished


def total(world: World) -> int:
    return stored(world).day.statistics.total


def test_drift_does_not_cost_the_generations_of_a_deleted_user(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for uid in ("ada", "ada", "bob", "bob", "bob"):
        opened = world.generate(uid)
    count_now(world)
    delete(world, "ada")
    world.db.document(f"userGenerations/{opened.generation.id}").delete()
    world.pass_time(days=2)
    report = run_statistics(world)
    assert (report.final, report.drifted, report.rebuilt) == (1, 1, 0)
    (told,) = [record for record in caplog.records if hasattr(record, "facts")]
    assert told.facts == {
        "drift": "2027-03-15 success",
        "stored": 3,
        "recomputed": 2,
        "isRepaired": False,
    }
    assert total(world) == 5
    assert document(world)["isFinal"] is True
    assert run_statistics(world).final == 0


def test_an_edited_record_does_not_cost_the_generations_of_a_deleted_user(world: World) -> None:
    """It is not counted, but the database counts it."""
    for uid in ("ada", "bob"):
        world.generate(uid)
    odd = world.generate("eve")
    world.db.document(f"userGenerations/{odd.generation.id}").update({"charged": "y"})
    count_now(world)
    delete(world, "bob")
    world.pass_time(days=2)
    report = run_statistics(world)
    assert (report.final, report.drifted, report.rebuilt) == (1, 0, 0)
    assert total(world) == 2


def test_a_day_whose_records_are_gone_is_left_alone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.generate()
    count_now(world)
    world.pass_time(days=100)
    run_statistics(world)
    world.cleanup()
    report = rebuild_days(world.context, MARCH_15, MARCH_15, AN_HOUR)
    assert (report.rebuilt, report.kept, report.finished) == (0, 1, True)
    assert "statistics of 2027-03-15 are left as they were" in caplog.text
    assert total(world) == 1


@pytest.mark.parametrize("days", [0, 3])
def test_a_day_of_a_deleted_user_is_left_alone(world: World, days: int) -> None:
    for uid in ("ada", "bob"):
        world.generate(uid)
    count_now(world)
    world.pass_time(days=days)
    run_statistics(world)
    delete(world, "ada")
    before = stored(world)
    rebuild_days(world.context, MARCH_15, MARCH_15, timedelta(minutes=1))
    assert stored(world) == before


def test_a_refund_after_lists_have_gone_makes_none_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_documents, "LISTS_ARE_KEPT", timedelta(days=5))
    opened = world.generate()
    count_now(world)
    lists = world.db.collection("analyticsDaily/2027-03-15/lists")
    world.pass_time(days=6)
    run_statistics(world)
    for each in lists.list_documents():
        each.delete()
    Desk(world, None).refund(opened.generation.id)
    assert run_statistics(world).changes == 1
    assert document(world)["refunded"] == 1
    assert document(world)["lists"] == []
    assert not list(lists.stream())


def test_a_day_counted_anew_after_its_lists_have_gone_has_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_documents, "LISTS_ARE_KEPT", timedelta(days=5))
    world.generate()
    world.pass_time(days=6)
    count_now(world)
    rebuild_days(world.context, MARCH_15, MARCH_15, AN_HOUR)
    assert (total(world), document(world)["lists"]) == (1, [])


def test_a_day_before_the_first_that_was_counted_becomes_final(world: World) -> None:
    world.now = datetime(2027, 3, 14, 23, 55, tzinfo=UTC)
    late = world.create("bob")
    world.pass_time(minutes=6)
    world.generate()
    count_now(world)
    world.report(late, "success", "bob")
    world.pass_time(days=3)
    assert run_statistics(world).final == 3
    assert document(world, date(2027, 3, 14))["isFinal"] is True
    assert document(world)["isFinal"] is True


def test_a_final_day_that_more_is_counted_on_is_not_compared_again(world: World) -> None:
    world.generate()
    opened = world.create("bob")
    count_now(world)
    world.pass_time(days=3)
    run_statistics(world)
    delete(world, "ada")
    world.report(opened, "success", "bob")
    count_now(world)
    world.pass_time(days=3)
    assert run_statistics(world).drifted == 0
    assert total(world) == 2


def test_a_record_that_claims_to_be_of_long_ago_has_no_days_compared_since_then(
    world: World,
) -> None:
    opened = world.generate()
    long_ago = datetime(1970, 1, 2, tzinfo=UTC)
    world.db.document(f"userGenerations/{opened.generation.id}").update({"createdAt": long_ago})
    world.generate("bob")
    count_now(world)
    world.pass_time(days=2)
    report = run_statistics(world)
    assert (report.final, report.finished) == (1, True)
