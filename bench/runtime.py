"""2. `create_generation` through the functions runtime, against a bare callable."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.callers import Call, all_at_once
from bench.instances import BARE, GENQUOTA, THREADS, Program, instance
from bench.projects import ROOMY, fresh_project, make_users
from bench.rows import Row, Section, at_least
from bench.timing import ms, p50, p99, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.callers import Answer
    from bench.sizes import Sizes

LIMIT = 0.9
CALLS_PER_USER = 4
"""So that a user has a few open generations, as users have, and not hundreds."""
EARLY = [f"early-{number}" for number in range(81)]
PROGRAMS = (Program(GENQUOTA), Program(BARE))
Load = tuple[float, list["Answer"]]


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Serve both side by side and let clients call the one, then the other."""
    rows, numbers = [], {}
    for clients, requests in sizes.requests:
        loads = []
        for number in range(sizes.rounds):
            say(f"{clients} clients, round {number + 1} of {sizes.rounds}")
            loads.append(_pair_of_loads(clients, requests, number))
        ratios = [theirs[0] / ours[0] for ours, theirs in loads]
        ours, theirs = (_Figures([pair[side] for pair in loads], requests) for side in (0, 1))
        what = f"{clients} client{'s' if clients > 1 else ''}, requests/s"
        target = at_least(p50(ratios), LIMIT)
        rows.append(Row(what, ours.rate, theirs.rate, spread(ratios), *target))
        rows.append(Row("- p50 / p99", ours.times, theirs.times, ""))
        numbers[str(clients)] = {"ratios": ratios, "ours": vars(ours), "theirs": vars(theirs)}
    counts = ", ".join(f"{requests} by {clients}" for clients, requests in sizes.requests)
    return Section(
        "runtime",
        "2. `create_generation` through the functions runtime",
        "a bare callable: the SDK verifies the token, then the same two calls to the store",
        f"functions-framework with gunicorn, {THREADS} threads, one instance each. Requests: {counts} "
        f"clients, each with a connection that is kept and with users of its own, who make "
        f"{CALLS_PER_USER} each. {sizes.rounds} rounds, by turns; instances and projects are new for "
        "each.",
        rows,
        numbers,
    )


class _Figures:
    def __init__(self, loads: list[Load], requests: int) -> None:
        times = [answer.seconds for _, answers in loads for answer in answers]
        self.per_second = requests / p50([seconds for seconds, _ in loads])
        self.p50, self.p99 = p50(times), p99(times)

    @property
    def rate(self) -> str:
        return f"{self.per_second:.0f}"

    @property
    def times(self) -> str:
        return f"{ms(self.p50)} / {ms(self.p99)}"


def _pair_of_loads(clients: int, requests: int, number: int) -> tuple[Load, Load]:
    loads: dict[Program, Load] = {}
    with ExitStack() as stack:
        places = []
        for program in PROGRAMS:
            db = stack.enter_context(fresh_project(ROOMY))
            make_users(db, [*_uids(clients, requests), *EARLY])
            port = stack.enter_context(instance(program, db.project))
            # The first request of an instance, and the first of a thread, are another question.
            for early in (EARLY[:1], EARLY[1:]):
                calls = [[Call.create(db.project, uid, uid)] for uid in early]
                _require_ok(all_at_once([port], calls))
            places.append((program, port, db.project))
        for program, port, project in places if number % 2 == 0 else reversed(places):
            calls = list(_calls(project, clients, requests))
            loads[program] = _require_ok(all_at_once([port], calls))
    ours, theirs = (loads[program] for program in PROGRAMS)
    return ours, theirs


def _uids(clients: int, requests: int) -> Iterator[str]:
    for client in range(clients):
        for number in range(0, requests // clients, CALLS_PER_USER):
            yield f"user-{client}-{number // CALLS_PER_USER}"


def _calls(project: str, clients: int, requests: int) -> Iterator[list[Call]]:
    for client in range(clients):
        yield [
            Call.create(project, f"user-{client}-{number // CALLS_PER_USER}", f"{client}-{number}")
            for number in range(requests // clients)
        ]


def _require_ok(load: Load) -> Load:
    refused = [answer for answer in load[1] if answer.reason != "ok"]
    if refused:
        raise RuntimeError(f"{len(refused)} requests failed, such as {refused[0]}")
    return load
