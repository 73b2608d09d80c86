"""Running `reset_periods` and `expire_generations` never, often or late changes no answer (C5, C6)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore

from genquota.domain.errors import GenquotaError
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, Environment

if TYPE_CHECKING:
    from collections.abc import Callable

    Sweeping = Callable[[Environment], object]


def never(env: Environment) -> None:
    del env


def both(env: Environment) -> None:
    env.reset_periods()
    env.expire_generations()


def twice(env: Environment) -> None:
    both(env)
    env.expire_generations()
    env.reset_periods()


def a_week_late(env: Environment) -> None:
    if (env.now - START).days % 7 == 0:
        both(env)


class Life:
    """A user's, and all that they were told."""

    def __init__(self, env: Environment, sweep: Sweeping) -> None:
        self.env = env
        self.sweep = sweep
        self.decisions: list[Any] = []
        self.opened: list[str] = []

    def ask(self) -> None:
        decision = self.env.check()
        self.decisions.append(([asdict(row) for row in decision.usages], decision.can_generate))

    def create(self, type_: str = "image") -> None:
        self._try(partial(self._create, type_))

    def report(self, status: str) -> None:
        self._try(partial(self._report, status))

    def wait(self, days: int) -> None:
        for _ in range(days):
            self.env.pass_time(days=1)
            self.sweep(self.env)

    def move_to(self, timezone: str) -> None:
        self.env.change_profile(timezone=timezone)

    def subscribe(self) -> None:
        self.env.subscribe(self.env.now, self.env.now + timedelta(days=365))

    def _create(self, type_: str) -> tuple[object, ...]:
        generation = self.env.create(key=f"k{len(self.decisions)}", type=type_).generation
        self.opened.append(generation.id)
        return generation.id, generation.hold.end

    def _report(self, status: str) -> tuple[object, ...]:
        done = self.env.report(self.opened.pop(0), status).generation
        return done.status, done.charged, done.refunded, done.late

    def _try(self, call: Callable[[], tuple[object, ...]]) -> None:
        try:
            self.decisions.append(call())
        except GenquotaError as refusal:
            self.decisions.append((refusal.reason, vars(refusal)))


def live_a_year(env: Environment, sweep: Sweeping) -> list[Any]:
    """Return all that a user was told in a year, with a sweep each day."""
    env.plan(limits={"day": 3, "week": 5, "period": 9}, rates={"hour": 4})
    env.plan("plus", limits={"week": 8, "period": 40}, period={"unit": "month"})
    life = Life(env, sweep)
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
    return life.decisions


def kept(env: Environment) -> dict[str, Any]:
    """Return what closed windows ended with, and how records ended."""
    ended: dict[str, Any] = {}
    for snapshot in env.db.collection("usageDaily").stream():
        ended[snapshot.reference.path] = snapshot.to_dict()
    for snapshot in env.db.collection("users/ada/windows").stream():
        ended[snapshot.reference.path] = snapshot.to_dict()
    for record in env.records():
        ended[record["id"]] = (record["generationStatus"], record["charged"], record["late"])
    return ended


@pytest.mark.parametrize("sweep", [both, twice, a_week_late])
def test_a_year_is_the_same_with_the_jobs_and_without_them(
    env: Environment, sweep: Sweeping, project: str
) -> None:
    """C5, C6, C10: every answer, and what closed windows ended with."""
    decisions = live_a_year(env, sweep)
    unswept = Environment(firestore.Client(project=f"{project}-unswept"))
    assert live_a_year(unswept, never) == decisions
    for each in (env, unswept):
        both(each)
        assert_counters_match_records(each.db)
    assert kept(unswept) == kept(env)
    unswept.db.close()
