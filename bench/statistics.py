"""11. `daily_statistics`: how fast, and that its memory does not grow with what is counted."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.baseline import IMAGE, PROMPT
from bench.equal_work import require_equal_work
from bench.instances import run_process
from bench.projects import ROOMY, context_of, fresh_project, put
from bench.rows import Row, Section, at_least, at_most
from bench.statistics_run import CLOSED_AT, count
from bench.statistics_script import Script, play
from bench.timing import ms, p50, spread
from genquota.domain.enums import Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import Clock
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation
from genquota.use_cases.jobs.daily_statistics import LAG
from tests.rpc_counter import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

    Say = Callable[[str], None]
    Run = dict[str, Any]

MADE_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
USERS = 5_000
"""More than a list has keys."""
LEAST_RATIO, MOST_MEMORY = 1.0, 1.2


def measure(sizes: Sizes, say: Say) -> Section:
    """Count few and many generations by turns with the bare SDK, each time in a new process."""
    few, many = sizes.counted
    _require_equal_work(few)
    say("both send the same")
    rows: list[Row] = []
    numbers: dict[str, Any] = {}
    for number in (few, many):
        ours, theirs = _runs(number, sizes.job_rounds, say)
        ratios = [
            their["seconds"] / our["seconds"] for our, their in zip(ours, theirs, strict=True)
        ]
        what = f"{number} generations, records/s"
        target = at_least(p50(ratios), LEAST_RATIO)
        rows.append(Row(what, _rate(ours), _rate(theirs), spread(ratios), *target))
        shares = [
            our["processor"] / their["processor"] for our, their in zip(ours, theirs, strict=True)
        ]
        rows.append(Row("- processor time", _processor(ours), _processor(theirs), spread(shares)))
        rows.append(Row("- peak memory", _megabytes(ours), _megabytes(theirs), ""))
        numbers[str(number)] = {"ours": ours, "theirs": theirs}
    peaks = [_peak(numbers[str(number)]["ours"]) for number in (few, many)]
    growth = peaks[1] / peaks[0]
    what = f"peak memory, {many} to {few} generations"
    cells = (f"{peaks[1] / 1024:.0f} MB", f"{peaks[0] / 1024:.0f} MB", f"{growth:.2f}x")
    rows.append(Row(what, *cells, *at_most(growth, MOST_MEMORY)))
    return Section(
        "statistics",
        "11. `daily_statistics`",
        "the bare SDK sending the same one after the other: the same pages of the same fields, which are "
        "not looked at, and the same documents in the same commits, without preconditions; for the growth "
        "of memory, Genquota with fewer generations",
        f"Generations of {USERS} users on two days. A process for each run, by turns, "
        f"{sizes.job_rounds} runs each; both read the same project. What both send is compared first.",
        rows,
        numbers,
    )


def _require_equal_work(number: int) -> None:
    with fresh_project(ROOMY) as db:
        put(db, _records(db, number))
        script = Script()
        with listening(db, script):
            count(db)
        _forget(db)
        require_equal_work(
            db,
            "daily_statistics",
            lambda: count(db),
            lambda: play(db, script.steps, CLOSED_AT - LAG),
            between=lambda: _forget(db),
            with_queries=False,  # Genquota's next page begins at values, the bare SDK's at a snapshot
        )


def _runs(number: int, rounds: int, say: Say) -> tuple[list[Run], list[Run]]:
    runs: dict[str, list[Run]] = {"genquota": [], "bare": []}
    with fresh_project(ROOMY) as db, tempfile.TemporaryDirectory() as folder:
        put(db, _records(db, number))
        say(f"{number} generations made")
        file = Path(folder) / "script"
        _run(db, "script", number, file)
        for turn in range(rounds):
            for side in runs if turn % 2 == 0 else reversed(runs):
                _forget(db)
                run = _run(db, side, number, file)
                runs[side].append(run)
                peak = run["peak_kb"] / 1024
                say(f"{side}: {number / run['seconds']:.0f} records/s, {peak:.0f} MB")
    return runs["genquota"], runs["bare"]


def _run(db: Client, side: str, number: int, file: Path) -> Run:
    """Count in a process of its own, and see that all was counted."""
    run: Run = run_process(db.project, "statistics_run", side, db.project, str(file))
    if run["records"] != number:
        raise RuntimeError(f"{side}: {run['records']} records, not {number}")
    return run


def _records(db: Client, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the records of closed generations, made like one of Genquota's own."""
    context = context_of(db, Clock(lambda: MADE_AT))
    metadata = {"model": "sdxl-1", "processingTime": 3000}
    order = CreateCommand(
        "key", QuotaRequest(engine="sdxl"), {"promptId": "p", "promptText": PROMPT}, metadata
    )
    made = create_generation(context, None, "model", order).generation.id
    update_generation(context, None, "model", ReportCommand(made, Status.SUCCESS, (IMAGE,)))
    reference = db.document(f"userGenerations/{made}")
    model = reference.get().to_dict() or {}
    reference.delete()
    step = timedelta(days=1) / number
    for place in range(number):
        at = MADE_AT + place * step
        own = {
            "id": f"g{place:024}",
            "userId": f"user-{place * 7919 % USERS:05}",
            "promptId": f"prompt-{place % 300}",
            "createdAt": at,
            "closedAt": at + timedelta(seconds=30),
            "previousAt": at - timedelta(days=place % 40),
            "metadata": {**metadata, "processingTime": 1000 + place % 9000},
        }
        yield f"userGenerations/{own['id']}", {**model, **own}


def _forget(db: Client) -> None:
    """Let nothing be counted."""
    for day in db.collection("analyticsDaily").list_documents():
        for below in day.collection("lists").list_documents():
            below.delete()
        day.delete()
    db.document("jobs/daily_statistics").delete()


def _rate(runs: list[Run]) -> str:
    return f"{p50([run['records'] / run['seconds'] for run in runs]):.0f}"


def _processor(runs: list[Run]) -> str:
    return ms(p50([run["processor"] for run in runs]))


def _peak(runs: list[Run]) -> float:
    return p50([run["peak_kb"] for run in runs])


def _megabytes(runs: list[Run]) -> str:
    return f"{_peak(runs) / 1024:.0f} MB"
