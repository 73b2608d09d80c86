"""What a measurement says: rows for people, numbers for machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    what: str
    genquota: str
    baseline: str
    result: str
    target: str = "-"
    is_met: bool | None = None
    """None: there is no target, it is shown for comparison."""

    @property
    def mark(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.is_met]

    def cells(self) -> tuple[str, ...]:
        return (self.what, self.genquota, self.baseline, self.result, self.target, self.mark)


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer."""

    name: str
    title: str
    baseline: str
    """What Genquota is compared with."""
    method: str
    rows: list[Row]
    numbers: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    when: str = ""


HEADINGS = ("what", "Genquota", "baseline", "result", "target", "")


def text_table(rows: list[Row]) -> str:
    """Set rows in columns for a terminal."""
    table = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )
    return "\n".join(f"  {line}" for line in lines)


def markdown_table(rows: list[Row]) -> str:
    """Set rows in a table for the documentation."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def at_most(ratio: float, limit: float) -> tuple[str, bool]:
    """Return a ratio's target and whether it is met, as a row has them."""
    return f"<= {limit:.2f}x", round(ratio, 2) <= limit


def at_least(ratio: float, limit: float) -> tuple[str, bool]:
    """Return a ratio's target and whether it is met, as a row has them."""
    return f">= {limit:.2f}x", round(ratio, 2) >= limit
