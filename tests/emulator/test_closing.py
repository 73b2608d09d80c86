"""What the statistics find a generation by: when it closed, as what, and the user's one before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.quota.decision import Ask
from genquota.store.clock import plain
from genquota.use_cases.generations.create_generation import Order
from genquota.use_cases.generations.track_generation import track_generation
from tests.emulator.world import START

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from tests.emulator.world import World

HOUR = timedelta(hours=1)


def closing(record: dict[str, Any]) -> tuple[datetime | None, str | None]:
    at = record.get("closedAt")
    return (at and plain(at)), record.get("closedAs")


@pytest.mark.parametrize("status", ["success", "failed", "cancelled"])
def test_a_report_closes(world: World, status: str) -> None:
    opened = world.create()
    assert closing(world.record(opened)) == (None, None)
    world.report(opened, "processing") if status != "cancelled" else None
    assert closing(world.record(opened)) == (None, None)
    world.pass_time(minutes=1)
    world.report(opened, status)
    assert closing(world.record(opened)) == (START + timedelta(minutes=1), status)


def test_a_repeated_report_changes_neither(world: World) -> None:
    opened = world.generate()
    before = world.record(opened)
    world.pass_time(minutes=1)
    world.report(opened, "success")
    assert world.record(opened) == before


def test_a_sweep_closes_as_expired_and_a_late_success_leaves_that(world: World) -> None:
    opened = world.create()
    world.pass_time(hours=1)
    world.expire_generations()
    world.pass_time(hours=1)
    world.report(opened, "success")
    record = world.record(opened)
    assert closing(record) == (START + HOUR, "expired")
    assert (record["generationStatus"], record["late"]) == ("success", True)


def test_a_late_success_before_the_sweep_closes_as_success(world: World) -> None:
    opened = world.create()
    world.pass_time(hours=1)
    world.report(opened, "success")
    assert closing(world.record(opened)) == (START + HOUR, "success")


def test_a_create_closes_what_fills_the_document(world: World) -> None:
    world.plan("free")
    crowd = [world.create() for _ in range(200)]
    world.pass_time(hours=1)
    world.create()
    assert closing(world.record(crowd[0])) == (START + HOUR, "expired")


def test_what_is_tracked_is_closed_at_once(world: World) -> None:
    order = Order("k", Ask(), {"promptId": "p"}, {})
    world.check()
    tracked = track_generation(world.context, None, "ada", order)
    record = world.record(tracked.generation.id)
    assert closing(record) == (START, "success")
    assert "previousAt" not in record


def test_each_generation_says_when_the_one_before_was_created(world: World) -> None:
    first = world.create()
    world.pass_time(days=3)
    second = world.create()
    world.pass_time(days=1)
    order = Order("k", Ask(), {"promptId": "p"}, {})
    third = track_generation(world.context, None, "ada", order).generation.id
    assert "previousAt" not in world.record(first)
    assert plain(world.record(second)["previousAt"]) == START
    assert plain(world.record(third)["previousAt"]) == START + timedelta(days=3)
