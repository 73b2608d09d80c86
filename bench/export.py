"""8. The export: how fast, and that its memory does not grow with what is exported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.export_run import ADMIN
from bench.instances import run_process
from bench.projects import ROOMY, fresh_project, make_user
from bench.rows import Row, Section, at_least, at_most
from bench.settled_users import make_settled_users
from bench.timing import p50, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

    Say = Callable[[str], None]
    Run = dict[str, Any]

EACH = 10
LEAST_RATE, MOST_MEMORY = 1.2, 1.2


def measure(sizes: Sizes, say: Say) -> Section:
    """Export few and many generations by turns, each time in a new process."""
    rows: list[Row] = []
    numbers: dict[str, Any] = {}
    few, many = sizes.exported
    for count in (few, many):
        ours, theirs, seeding = _runs(count, sizes.job_rounds, say)
        ratios = [
            their["seconds"] / our["seconds"] for our, their in zip(ours, theirs, strict=True)
        ]
        pages = f"{ours[0]['pages']} page{'s' if ours[0]['pages'] > 1 else ''}"
        rows.append(
            Row(
                f"{count} generations in {pages}, rows/s",
                _rate(ours),
                _rate(theirs),
                spread(ratios),
                *at_least(p50(ratios), LEAST_RATE),
            )
        )
        rows.append(Row("- peak memory", _megabytes(ours), _megabytes(theirs), ""))
        numbers[str(count)] = {"ours": ours, "theirs": theirs, "seeding": seeding}
    peaks = [_peak(numbers[str(count)]["ours"]) for count in (few, many)]
    growth = peaks[1] / peaks[0]
    what = f"peak memory, {many} to {few} generations"
    cells = (f"{peaks[1] / 1024:.0f} MB", f"{peaks[0] / 1024:.0f} MB", f"{growth:.2f}x")
    rows.append(Row(what, *cells, *at_most(growth, MOST_MEMORY)))
    return Section(
        "export",
        "8. The export",
        "the bare SDK's `stream()` of the same documents in pages of the same size, without looking "
        "at them; for the growth of memory, Genquota with fewer generations",
        f"`GET /api/generations/export` as csv, to the end, by way of the function itself without a "
        f"server around it. {EACH} generations each user. A process for each run, by turns, "
        f"{sizes.job_rounds} runs each; both read the same project.",
        rows,
        numbers,
    )


def _runs(count: int, rounds: int, say: Say) -> tuple[list[Run], list[Run], float]:
    """Return the runs of both, and the seconds that it took to make what they read."""
    runs: dict[str, list[Run]] = {"genquota": [], "bare": []}
    with fresh_project(ROOMY) as db:
        begun = time.monotonic()
        make_user(db, ADMIN)
        db.document(f"users/{ADMIN}").update({"role": "admin"})
        make_settled_users(db, (f"user-{number:05}" for number in range(count // EACH)), EACH)
        seeding = time.monotonic() - begun
        say(f"{count} generations made in {seeding:.0f} s")
        for number in range(rounds):
            for side in runs if number % 2 == 0 else reversed(runs):
                runs[side].append(_run(db, side, count, say))
    return runs["genquota"], runs["bare"], seeding


def _run(db: Client, side: str, count: int, say: Say) -> Run:
    """Export in a process of its own, and see that all came."""
    run: Run = run_process(db.project, "export_run", side, db.project)
    if run["rows"] != count:
        raise RuntimeError(f"{side}: {run['rows']} rows, not {count}")
    say(f"{side}: {count / run['seconds']:.0f} rows/s, {run['peak_kb'] / 1024:.0f} MB")
    return run


def _rate(runs: list[Run]) -> str:
    return f"{p50([run['rows'] / run['seconds'] for run in runs]):.0f}"


def _peak(runs: list[Run]) -> float:
    return p50([run["peak_kb"] for run in runs])


def _megabytes(runs: list[Run]) -> str:
    return f"{_peak(runs) / 1024:.0f} MB"
