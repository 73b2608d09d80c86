"""Races between real processes, as between two instances of a deployed function."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.emulator.environment import row
from tests.emulator.instance import Job, run

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def added_up(ended: list[dict[str, int] | int]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in ended:
        assert isinstance(each, dict), f"an instance ended with exit code {each}"
        total.update(each)
    return dict(total)


def test_of_50_creates_at_once_in_two_processes_with_1_credit_left_1_passes(
    env: Environment, project: str
) -> None:
    """A1"""
    for _ in range(9):
        env.generate()
    ended = run(project, Job("create", parallel=25), Job("create", parallel=25))
    assert added_up(ended) == {"ok": 1, "quota-exceeded": 49}
    assert row(env.check()) == (10, 9, 1)


def test_of_200_creates_at_once_in_two_processes_at_a_limit_of_10_exactly_10_pass(
    env: Environment, project: str
) -> None:
    """A1, A3: a new user's first calls, at that."""
    ended = run(project, Job("create", parallel=100), Job("create", parallel=100))
    assert added_up(ended) == {"ok": 10, "quota-exceeded": 190}
    assert row(env.check()) == (10, 0, 10)
    assert len(env.records()) == 10


def test_200_creates_at_once_in_two_processes_without_a_limit_all_pass(
    env: Environment, project: str
) -> None:
    """A8: each process makes its own callers take turns; the two overtake each other."""
    env.plan()
    ended = run(project, Job("create", parallel=100), Job("create", parallel=100))
    assert ended == [{"ok": 100}, {"ok": 100}]
    assert row(env.check()) == (-1, 0, 200)


def test_one_key_in_two_processes_at_once_is_one_generation(env: Environment, project: str) -> None:
    """B1"""
    job = Job("create", key="k", parallel=10)
    assert run(project, job, job) == [{"ok": 10}, {"ok": 10}]
    assert len(env.records()) == 1
    assert row(env.check()) == (10, 0, 1)
