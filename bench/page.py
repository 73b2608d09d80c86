"""docs/benchmarks.md, from the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.rows import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.rows import Section

HEAD = """# Benchmarks

Written by `make bench` with `--write`; do not edit. Everything runs on one machine: the Firestore
emulator, the functions and their callers share its cores. So times say little about production; what
counts are the ratios, each against a baseline measured by turns in the same run.
"""


def render(machine: dict[str, str], sections: Iterable[Section]) -> str:
    """Return the page."""
    facts = "\n".join(f"- {key}: {fact}" for key, fact in machine.items())
    parts = [HEAD, facts]
    parts += (
        f"## {section.title}\n\n{section.method}\n\nBaseline: {section.baseline}. {section.when}\n\n"
        f"{markdown_table(section.rows)}"
        for section in sections
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"
