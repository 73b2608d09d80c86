"""2. `create_generation` through the functions runtime, against a bare callable."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bench.callers import Call
from bench.instances import BASELINE, GENQUOTA, THREADS, Program
from bench.loads import EARLY, clients_named, memory_row, pair_of_loads, rows_of
from bench.projects import make_users
from bench.rows import Row, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

LEAST, MOST_MEMORY = 1.25, 1.1
CALLS_PER_USER = 4
"""So that a user has a few open generations, as users have, and not hundreds."""
PROGRAMS = (Program(GENQUOTA), Program(BASELINE))


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Serve both side by side and let clients call the one, then the other."""
    rows: list[Row] = []
    numbers: dict[str, Any] = {}
    for clients, requests in sizes.requests:
        loads = []
        for number in range(sizes.rounds):
            say(f"{clients} clients, round {number + 1} of {sizes.rounds}")
            prepare = partial(_prepare, clients, requests)
            calls = partial(_calls, clients, requests)
            loads.append(pair_of_loads(PROGRAMS, prepare, calls, number))
        more, numbers[str(clients)] = rows_of(clients_named(clients), requests, loads, LEAST)
        rows += more
    # Of the last and largest number of clients.
    rows.append(memory_row(clients, loads, MOST_MEMORY))
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


def _prepare(clients: int, requests: int, db: Client) -> None:
    numbers = range(0, requests // clients, CALLS_PER_USER)
    uids = (_uid(client, number) for client in range(clients) for number in numbers)
    make_users(db, [*uids, *EARLY])


def _calls(
    clients: int, requests: int, project: str, early: Sequence[str] | None
) -> list[list[Call]]:
    if early:
        return [[Call.create(project, uid, uid)] for uid in early]
    return [
        [
            Call.create(project, _uid(client, number), f"{client}-{number}")
            for number in range(requests // clients)
        ]
        for client in range(clients)
    ]


def _uid(client: int, number: int) -> str:
    return f"user-{client}-{number // CALLS_PER_USER}"
