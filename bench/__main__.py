"""`python -m bench`: measure, print tables, keep the numbers; `--write` renders them.

The pages are bench/results.md and docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.machine import describe
from bench.page import render, summarize
from bench.rows import Row, Section, text_table
from bench.sizes import FULL, QUICK
from dev.emulators import firestore_emulator
from dev.setup import ROOT, RUN

if TYPE_CHECKING:
    from bench.sizes import Sizes

NAMES = (
    *("in-process", "runtime", "contention", "start", "jobs", "costs"),
    *("api", "export", "webhooks", "maintenance", "feed", "statistics", "analytics", "pages"),
    "scaling",
)
NUMBERS = RUN / "bench.json"
RESULTS = ROOT / "bench" / "results.md"
SUMMARY = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Measure what is asked for; return 1 if a target was missed."""
    arguments = _parser().parse_args()
    begun = time.monotonic()
    machine = describe()
    sizes = QUICK if arguments.quick else FULL
    measured = {name: _measure(name, sizes) for name in arguments.only or NAMES}
    kept_before = _kept_sections() if arguments.only else {}
    by_name = {**kept_before, **measured}
    sections = [by_name[name] for name in NAMES if name in by_name]
    for key, fact in machine.items():
        print(f"  {key}: {fact}")
    RUN.mkdir(exist_ok=True)
    kept = {"machine": machine, "sections": [asdict(section) for section in sections]}
    NUMBERS.write_text(json.dumps(kept, indent=1) + "\n")
    missed = [row.what for section in sections for row in section.rows if row.is_met is False]
    minutes = (time.monotonic() - begun) / 60
    print(
        f"\n{minutes:.1f} minutes; numbers in {NUMBERS.relative_to(ROOT)}; missed: {missed or 'none'}"
    )
    if arguments.write:
        RESULTS.write_text(render(machine, sections))
        SUMMARY.write_text(summarize(sections))
        print(f"written: {RESULTS.relative_to(ROOT)}, {SUMMARY.relative_to(ROOT)}")
    return int(bool(missed))


def _kept_sections() -> dict[str, Section]:
    """Return what was measured before: a part that is measured anew replaces its own section only."""
    if not NUMBERS.is_file():
        return {}
    entries = json.loads(NUMBERS.read_text())["sections"]
    return {
        entry["name"]: Section(**{**entry, "rows": [Row(**row) for row in entry["rows"]]})
        for entry in entries
    }


def _measure(name: str, sizes: Sizes) -> Section:
    """Run one module of the bench on an emulator of its own."""

    def say(text: str) -> None:
        print(f"  {name}: {text}", file=sys.stderr, flush=True)

    begun = time.monotonic()
    with firestore_emulator() as host:
        os.environ["FIRESTORE_EMULATOR_HOST"] = host
        module = importlib.import_module(f"bench.{name.replace('-', '_')}")
        section: Section = module.measure(sizes, say)
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    section = replace(section, seconds=time.monotonic() - begun, when=when)
    print(f"\n{section.title} ({section.seconds:.0f} s)\n{text_table(section.rows)}\n", flush=True)
    return section


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        help="measure this and keep the rest as last measured; may be repeated",
    )
    parser.add_argument(
        "--quick", action="store_true", help="small numbers: shows that it runs, measures nothing"
    )
    parser.add_argument(
        "--write", action="store_true", help="write bench/results.md and docs/benchmarks.md"
    )
    return parser


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "functions"))
    sys.exit(main())
