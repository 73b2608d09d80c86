"""Running `reset_periods` and `expire_generations` never, often or late changes no answer (C5, C6)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore

from genquota.domain.errors import GenquotaError
from tests.emulator.books import assert_books_balance
from tests.emulator.world import START, World

if TYPE_CHECKING:
    from collections.abc import Callable

    Sweeping = Callable[[World], object]


def never(world: World) -> None:
    del world


def both(world: World) -> None:
    world.reset_periods()
    world.expire_generations()


def twice(world: World) -> None:
    both(world)
    world.expire_generations()
    world.reset_periods()


def a_week_late(world: World) -> None:
    if (world.now - START).days % 7 == 0:
        both(world)


class Life:
    """A user's, and all that they were told."""

    def __init__(self, world: World, sweep: Sweeping) -> None:
        self.world = world
        self.sweep = sweep
        self.told: list[Any] = []
        self.opened: list[str] = []

    def ask(self) -> None:
        decision = self.world.check()
        self.told.append(([asdict(row) for row in decision.usages], decision.can_generate))

    def create(self, type_: str = "image") -> None:
        self._try(partial(self._create, type_))

    def report(self, status: str) -> None:
        self._try(partial(self._report, status))

    def wait(self, days: int) -> None:
        for _ in range(days):
            self.world.pass_time(days=1)
            self.sweep(self.world)

    def move_to(self, timezone: str) -> None:
        self.world.change_profile(timezone=timezone)

    def subscribe(self) -> None:
        self.world.subscribe(self.world.now, self.world.now + timedelta(days=365))

    def _create(self, type_: str) -> tuple[object, ...]:
        generation = self.world.create(key=f"k{len(self.told)}", type=type_).generation
        self.opened.append(generation.id)
        return generation.id, generation.hold.end

    def _report(self, status: str) -> tuple[object, ...]:
        done = self.world.report(self.opened.pop(0), status).generation
        return done.status, done.charged, done.refunded, done.late

    def _try(self, call: Callable[[], tuple[object, ...]]) -> None:
        try:
            self.told.append(call())
        except GenquotaError as refusal:
            self.told.append((refusal.reason, vars(refusal)))


def live_a_year(world: World, sweep: Sweeping) -> list[Any]:
    """Return all that a user was told in a year, with a sweep each day."""
    world.plan(limits={"day": 3, "week": 5, "period": 9}, rates={"hour": 4})
    world.plan("plus", limits={"week": 8, "period": 40}, period={"unit": "month"})
    life = Life(world, sweep)
    for _ in range(5):
        life.create()
    life.report("success")
    life.ask()
    life.wait(days=1)
    life.report("success")  # late
    life.report("failed")  # too late
    life.create("video")
    life.ask()
    life.wait(days=2)
    life.move_to("Asia/Tokyo")
    life.create()
    life.wait(days=1)
    life.ask()
    life.report("success")
    life.wait(days=30)
    life.ask()
    life.create()
    life.report("success")
    life.subscribe()
    life.ask()
    for _ in range(7):
        life.create()
    life.report("success")
    life.wait(days=33)
    life.ask()
    life.create()
    life.report("processing")
    life.wait(days=100)
    life.ask()
    life.report("success")
    life.create()
    life.wait(days=160)
    life.ask()
    return life.told


def kept(world: World) -> dict[str, Any]:
    """Return what closed windows ended with, and how records ended."""
    ended: dict[str, Any] = {}
    for snapshot in world.db.collection("usageDaily").stream():
        ended[snapshot.reference.path] = snapshot.to_dict()
    for snapshot in world.db.collection("users/ada/windows").stream():
        ended[snapshot.reference.path] = snapshot.to_dict()
    for record in world.records():
        ended[record["id"]] = (record["generationStatus"], record["charged"], record["late"])
    return ended


@pytest.mark.parametrize("sweep", [both, twice, a_week_late])
def test_a_year_is_the_same_with_the_jobs_and_without_them(
    world: World, sweep: Sweeping, project: str
) -> None:
    """C5, C6, C10: every answer, and what closed windows ended with."""
    told = live_a_year(world, sweep)
    unswept = World(firestore.Client(project=f"{project}-unswept"))
    assert live_a_year(unswept, never) == told
    for each in (world, unswept):
        both(each)
        assert_books_balance(each.db)
    assert kept(unswept) == kept(world)
    unswept.db.close()
