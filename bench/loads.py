"""Loads: many requests to Genquota's instance, then to a bare one, and the rows that come of them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.callers import all_at_once
from bench.instances import instance
from bench.projects import ROOMY, fresh_project
from bench.rows import Row, at_least, at_most
from bench.timing import ms, p50, p99, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import Client

    from bench.callers import Answer, Call
    from bench.instances import Instance, Program

    Calls = list[list[Call]]

EARLY = [f"early-{number}" for number in range(81)]
"""Users of the first request of an instance, and of the first of each thread: another question."""


@dataclass(frozen=True, slots=True)
class Load:
    """What became of many requests to one instance."""

    seconds: float
    """That all took together."""
    answers: list[Answer]
    peak_kilobytes: int
    """Of the instance's memory."""


def pair_of_loads(
    programs: tuple[Program, Program],
    prepare: Callable[[Client], None],
    calls_by: Callable[[str, Sequence[str] | None], Calls],
    number: int,
) -> tuple[Load, Load]:
    """Serve both side by side in projects of their own, and load the one, then the other.

    Args:
        programs: Genquota's, and the baseline's.
        prepare: Fills a project; the users of `EARLY` are among those who call.
        calls_by: Returns for each caller its calls to a project: one of each user that is named, or,
            for None, those that are measured.
        number: Of the round: the one begins, next time the other.

    Raises:
        RuntimeError: A request failed.
    """
    loads: dict[Program, Load] = {}
    with ExitStack() as stack:
        places = []
        for program in programs:
            db = stack.enter_context(fresh_project(ROOMY))
            prepare(db)
            served = stack.enter_context(instance(program, db.project))
            for early in (EARLY[:1], EARLY[1:]):
                _load(served, calls_by(db.project, early))
            places.append((program, served, db.project))
        for program, served, project in places if number % 2 == 0 else reversed(places):
            loads[program] = _load(served, calls_by(project, None))
    ours, theirs = (loads[program] for program in programs)
    return ours, theirs


def rows_of(
    what: str, requests: int, loads: list[tuple[Load, Load]], least: float | None
) -> tuple[list[Row], dict[str, Any]]:
    """Return the rows and the numbers of some rounds.

    Args:
        what: Names them.
        requests: In a load.
        loads: Of Genquota and of the baseline.
        least: Share of the baseline's requests/s that is aimed at; None: there is no target.
    """
    ratios = [theirs.seconds / ours.seconds for ours, theirs in loads]
    ours, theirs = (_Figures([pair[side] for pair in loads], requests) for side in (0, 1))
    target = at_least(p50(ratios), least) if least else ("-", None)
    rows = [
        Row(f"{what}, requests/s", ours.rate, theirs.rate, spread(ratios), *target),
        Row("- p50 / p99", ours.times, theirs.times, ""),
    ]
    return rows, {"ratios": ratios, "ours": vars(ours), "theirs": vars(theirs)}


def memory_row(clients: int, loads: list[tuple[Load, Load]], most: float) -> Row:
    """Return the row on how much memory an instance has had at most."""
    ours, theirs = (p50([pair[side].peak_kilobytes for pair in loads]) for side in (0, 1))
    ratio = ours / theirs
    what = f"peak memory, {clients_named(clients)}"
    our_size, their_size = (f"{peak / 1024:.0f} MB" for peak in (ours, theirs))
    return Row(what, our_size, their_size, f"{ratio:.2f}x", *at_most(ratio, most))


def clients_named(count: int) -> str:
    return f"{count} client{'s' if count > 1 else ''}"


class _Figures:
    def __init__(self, loads: list[Load], requests: int) -> None:
        times = [answer.seconds for load in loads for answer in load.answers]
        self.per_second = requests / p50([load.seconds for load in loads])
        self.p50, self.p99 = p50(times), p99(times)

    @property
    def rate(self) -> str:
        return f"{self.per_second:.0f}"

    @property
    def times(self) -> str:
        return f"{ms(self.p50)} / {ms(self.p99)}"


def _load(served: Instance, calls: Calls) -> Load:
    seconds, answers = all_at_once([served.port], calls)
    refused = [answer for answer in answers if answer.reason != "ok"]
    if refused:
        raise RuntimeError(f"{len(refused)} requests failed, such as {refused[0]}")
    return Load(seconds, answers, served.peak_kilobytes())
