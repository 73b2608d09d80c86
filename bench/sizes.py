"""How much is measured: as the documentation has it, or just enough to see that all still runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """The counts of one run."""

    rounds: int
    """Times that a comparison is made anew, each time in fresh projects."""
    calls: int
    """Pairs of calls in a round of `in-process`."""
    requests: tuple[tuple[int, int], ...]
    """Clients, and requests that they make together, of `runtime` and `api`."""
    storms: int
    """Repetitions of each storm of `contention`."""
    imports: int
    first_answers: int
    due_users: int
    few_due_users: int
    """For the comparison of peak memory."""
    job_rounds: int
    exported: tuple[int, int]
    """Generations of `export`: few, and many, for the comparison of peak memory."""
    upgrades: int
    """Events of `webhooks`, each of a user of its own."""
    maintained: int
    """Generations that each job of `maintenance` goes through."""
    counted: tuple[int, int]
    """Generations of `statistics`: few, and many, for the comparison of peak memory."""


FULL = Sizes(
    rounds=5,
    calls=200,
    requests=((1, 300), (16, 1600), (80, 1600)),
    storms=3,
    imports=7,
    first_answers=9,
    due_users=20_000,
    few_due_users=2_000,
    job_rounds=2,
    exported=(10_000, 100_000),
    upgrades=200,
    maintained=10_000,
    counted=(10_000, 200_000),
)
QUICK = Sizes(
    rounds=1,
    calls=30,
    requests=((1, 40), (16, 160), (80, 160)),
    storms=1,
    imports=1,
    first_answers=1,
    due_users=1_200,
    few_due_users=400,
    job_rounds=1,
    exported=(500, 2_000),
    upgrades=20,
    maintained=2_000,
    counted=(500, 5_000),
)
