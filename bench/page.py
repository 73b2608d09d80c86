"""bench/results.md, every measurement of the last run, and docs/benchmarks.md, its main numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.rows import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.rows import Row, Section

HEAD = """# Results of the bench

Written by `python -m bench --write`; do not edit. The main numbers: [benchmarks](../docs/benchmarks.md).
Everything runs on one machine: the Firestore emulator, the functions and their callers share its cores. So
times say little about production; what counts are the ratios, each against a baseline measured by turns in
the same run.
"""

SUMMARY = """# Benchmarks

Written by `python -m bench --write`; do not edit. All on one machine with the Firestore emulator, so times
say little about production. What counts are the ratios to a baseline measured by turns in the same run:
mostly the bare SDK reading and writing the same documents.

{table}

Every measurement, with date, machine, method, baseline and target: [results](../bench/results.md).

```sh
make bench                                                     # measure everything
functions/venv/bin/python -m bench --only in-process           # one part; the rest stays as last measured
functions/venv/bin/python -m bench --write                     # and write this page and the results
```

The price is for a million generations at $0.03 per 100,000 reads and $0.09 per 100,000 writes (us-central1,
from a public survey of September 2026; check Google's own list). Functions bill time and instances besides.
"""

MAIN = (
    ("1.", "create_generation, p50", "opening a generation, in process"),
    ("2.", "16 clients, requests/s", "requests/s by one instance, 16 clients"),
    ("3.", "200 creates, limit 10, 2 instances", "200 creates at once by one user with 10 credits"),
    ("4.", "first answer of a fresh process, p50", "first answer of a fresh process"),
    ("6.", "create, success", "a generation: documents and price"),
)
"""The rows of the summary: number of the section, what is measured, what it is called there."""


def render(machine: dict[str, str], sections: Iterable[Section]) -> str:
    """Return the page with everything."""
    facts = "\n".join(f"- {key}: {fact}" for key, fact in machine.items())
    parts = [HEAD, facts]
    parts += (
        f"## {section.title}\n\n{section.method}\n\nBaseline: {section.baseline}. {section.when}\n\n"
        f"{markdown_table(section.rows)}"
        for section in sections
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def summarize(sections: Iterable[Section]) -> str:
    """Return the page with the main numbers, as far as they were measured."""
    measured = {(section.title[:2], row.what): row for section in sections for row in section.rows}
    rows = (
        _cells(called, measured[key, what]) for key, what, called in MAIN if (key, what) in measured
    )
    lines = [("what", "Genquota", "baseline", "result"), ("---",) * 4, *rows]
    return SUMMARY.format(table="\n".join(f"| {' | '.join(line)} |" for line in lines))


def _cells(called: str, row: Row) -> tuple[str, ...]:
    return (called, row.genquota, row.baseline, row.result)
