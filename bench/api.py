"""7. The HTTP API through the functions runtime, against bare Flask routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import baseline_reads
from bench.callers import Call
from bench.equal_work import require_equal_work
from bench.instances import BASELINE_ROUTES, GENQUOTA, THREADS, Program
from bench.loads import EARLY, clients_named, pair_of_loads, rows_of
from bench.projects import ROOMY, context_of, fresh_project, make_user, make_users
from bench.rows import Row, Section
from bench.settled_users import make_settled_users
from genquota.domain.quota.decision import QuotaRequest
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations.check_limit import check_limit
from genquota.use_cases.reading.generations import GenerationFilter, list_generations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

LEAST = 1.1
PAGE_SIZE, EACH = 20, 25
UIDS = [f"user-{number}" for number in range(16)]
"""Few, for the emulator looks at all records when it is asked for those of one user."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, and the bare function that answers it, too."""

    path: str
    baseline: str

    def call(self, project: str, uid: str) -> Call:
        return Call.get(project, uid, self.path.format(uid=uid))

    @property
    def programs(self) -> tuple[Program, Program]:
        return Program(GENQUOTA, "api"), Program(BASELINE_ROUTES, self.baseline)


ASKED = (
    Asking("/api/usage-tracking/can-generate/{uid}", "can_generate"),
    Asking(f"/api/generations?pageSize={PAGE_SIZE}", "generations"),
)


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Serve both side by side, and let clients read from the one, then from the other."""
    _require_equal_work()
    rows: list[Row] = []
    numbers: dict[str, Any] = {}
    for asking in ASKED:
        for clients, requests in sizes.requests:
            loads = []
            for number in range(sizes.rounds):
                say(f"{asking.baseline}, {clients} clients, round {number + 1} of {sizes.rounds}")
                calls = partial(_calls, asking, clients, requests)
                loads.append(pair_of_loads(asking.programs, _prepare, calls, number))
            what = f"{asking.baseline}, {clients_named(clients)}"
            more, numbers[what] = rows_of(what, requests, loads, LEAST)
            rows += more
    paths = " and ".join(f"`GET {asking.path}`".replace("{uid}", "{userId}") for asking in ASKED)
    counts = ", ".join(f"{requests} by {clients}" for clients, requests in sizes.requests)
    return Section(
        "api",
        "7. The HTTP API",
        "a bare Flask route: the SDK verifies the token, then the same reads, and what was read is "
        "answered as it is, without models, routing or checks",
        f"{paths}, by functions-framework with gunicorn, {THREADS} threads, one instance each. "
        f"Requests: {counts} clients, each with a connection that is kept, as one of {len(UIDS)} users "
        f"with {EACH} generations each. {sizes.rounds} rounds, by turns; instances and projects are "
        "new for each. That both read the same is compared first.",
        rows,
        numbers,
    )


def _require_equal_work() -> None:
    with fresh_project(ROOMY) as db:
        context, caller = context_of(db), Caller("user")
        make_user(db, "user")
        require_equal_work(
            db,
            "can_generate",
            lambda: check_limit(context, caller, "user", QuotaRequest()),
            lambda: baseline_reads.user(db, "user"),
        )
        require_equal_work(
            db,
            "generations",
            lambda: list_generations(context, caller, GenerationFilter(), PAGE_SIZE, None),
            lambda: baseline_reads.generations(db, "user", PAGE_SIZE),
        )


def _prepare(db: Client) -> None:
    make_settled_users(db, UIDS, EACH)
    make_users(db, EARLY)


def _calls(
    asking: Asking, clients: int, requests: int, project: str, early: Sequence[str] | None
) -> list[list[Call]]:
    if early:
        return [[asking.call(project, uid)] for uid in early]
    users = (UIDS[number % len(UIDS)] for number in range(clients))
    return [[asking.call(project, uid)] * (requests // clients) for uid in users]
