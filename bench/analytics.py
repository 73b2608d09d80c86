"""12. `GET /api/analytics` of 30 days, against a bare Flask route that reads the same documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bench import baseline_reads
from bench.callers import Call
from bench.equal_work import require_equal_work
from bench.instances import BASELINE_ROUTES, GENQUOTA, Program
from bench.loads import pair_of_loads
from bench.projects import ROOMY, context_of, fresh_project, make_user, put
from bench.rows import Row, Section, at_most
from bench.timing import ms, p50, p99, spread
from genquota.domain.statistics.aggregation import DayTotals
from genquota.domain.statistics.daily import NEW, DayStatistics, StatusCounts
from genquota.domain.statistics.top_lists import LIST_NAMES, TopList, TopListEntry
from genquota.store.statistics.documents import (
    day_path,
    day_to_document,
    list_path,
    list_to_document,
)
from genquota.store.statistics.open_generations import count_open
from genquota.use_cases.core.context import Caller
from genquota.use_cases.reading.analytics import analytics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from google.cloud.firestore import Client

    from bench.loads import Load
    from bench.sizes import Sizes

DAYS = 30
LIMIT = 1.15
BOSS = "boss"
PATH = f"/api/analytics?days={DAYS}"
ADMINS_AT_ONCE = 4
"""For the first requests of an instance; each holds a few megabytes."""
KEYS = {"300 users a day": (300, 40, 20), "1000 keys in every list": (1000, 1000, 1000)}
"""Users, prompts and errors of a day."""


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Serve both side by side, and let an admin look at 30 days through the one, then the other."""
    _require_equal_work()
    programs = Program(GENQUOTA, "api"), Program(BASELINE_ROUTES, "analytics")
    looks = max(5, sizes.calls // 4)
    rows: list[Row] = []
    for what, keys in KEYS.items():
        loads = []
        for number in range(sizes.rounds):
            say(f"{what}, round {number + 1} of {sizes.rounds}")
            prepare = partial(_prepare, keys=keys)
            loads.append(pair_of_loads(programs, prepare, partial(_calls, looks), number))
        rows += _rows(what, loads)
    return Section(
        "analytics",
        "12. Analytics of 30 days",
        "a bare Flask route: the SDK verifies the token, the same 152 documents are read in the same three "
        "calls, and what was read is answered as it is",
        f"`GET {PATH}`, by functions-framework with gunicorn, one instance each, statistics that are "
        f"up to date. {looks} requests in a row by one admin with a connection that is kept. "
        f"{sizes.rounds} rounds, by turns; instances and projects are new for each. That both read the "
        "same is compared first.",
        rows,
    )


def _rows(what: str, loads: list[tuple[Load, Load]]) -> list[Row]:
    times = [[[each.seconds for each in load.answers] for load in pair] for pair in loads]
    ratios = [p50(ours) / p50(theirs) for ours, theirs in times]
    ours, theirs = ([seconds for pair in times for seconds in pair[side]] for side in (0, 1))
    our_size, their_size = (f"{len(load.answers[0].raw) / 1024:.0f} KB" for load in loads[0])
    return [
        Row(f"{what}, p50", ms(p50(ours)), ms(p50(theirs)), spread(ratios),
            *at_most(p50(ratios), LIMIT)),
        Row("- p99", ms(p99(ours)), ms(p99(theirs)), ""),
        Row("- size of the answer", our_size, their_size, ""),
    ]  # fmt: skip


def _require_equal_work() -> None:
    with fresh_project(ROOMY) as db:
        _prepare(db, KEYS["300 users a day"])
        count_open(db)  # once a minute, and not by the baseline
        require_equal_work(
            db,
            "analytics",
            lambda: analytics(context_of(db), Caller(BOSS), DAYS),
            lambda: baseline_reads.analytics(db, BOSS, DAYS),
        )


def _prepare(db: Client, keys: tuple[int, int, int]) -> None:
    put(db, [(f"users/{BOSS}", {**make_user(db, BOSS), "role": "admin"})])
    put(db, [("jobs/daily_statistics", {"updatedAt": datetime(2100, 1, 1, tzinfo=UTC)})])
    today = datetime.now(UTC).date()
    # One more, in case that midnight passes meanwhile.
    for number in range(-1, 2 * DAYS):
        put(db, _documents(today - timedelta(days=number), keys))


def _documents(day: date, keys: tuple[int, int, int]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield a day with its lists, as `daily_statistics` stores them."""
    counts = StatusCounts(success=900, failed=60, cancelled=30, expired=10, charged=950)
    engines = {f"engine-{number}": counts for number in range(6)}
    statistics = DayStatistics(
        day,
        "UTC",
        total=3000,
        late=3,
        charged=2850,
        refunded=2,
        outputs=2700,
        by_type=dict.fromkeys(("image", "video", "audio"), counts),
        by_engine=engines,
        by_model=engines,
        by_plan=dict.fromkeys(("free", "plus", "pro"), counts),
        hours=dict.fromkeys(range(24), 125),
        gaps={0: 2700, **dict.fromkeys(range(1, 60), 5), NEW: 5},
        durations=dict.fromkeys(("image", "video", "audio"), dict.fromkeys(range(20, 70), 18)),
    )
    lists = {
        name: TopList(
            {
                f"{name}-{key + 10 * day.day:020}": TopListEntry(1000 - key % 997, 900)
                for key in range(n)
            }
        )
        for name, n in zip(LIST_NAMES, keys, strict=True)
    }
    found = DayTotals(statistics, lists)
    yield day_path(day), {**day_to_document(found.statistics), "lists": list(lists)}
    for name, top in found.lists.items():
        yield list_path(day, name), list_to_document(top)


def _calls(looks: int, project: str, early: Sequence[str] | None) -> list[list[Call]]:
    call = Call.get(project, BOSS, PATH)
    return [[call]] * min(len(early), ADMINS_AT_ONCE) if early else [[call] * looks]
