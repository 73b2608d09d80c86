"""Each part of the analytics as a table, for spreadsheets."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from genquota.messages.analytics.platform import AnalyticsAnswer
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.export.generation_rows import csv_line

TableName = Literal[
    "days",
    "types",
    "engines",
    "models",
    "plans",
    "hours",
    "durations",
    "users",
    "prompts",
    "errors",
]
Row = dict[str, str | int | float | bool | None]


class TableAnswer(Answer):
    """A table in JSON."""

    items: list[Row]
    """Rows, with a value for each column of the CSV."""


_COUNTS = ("total", "success", "failed", "cancelled", "expired", "successRate", "charged")
_OF_DAYS = ("late", "outputs", "refunded", "activeUsers", "newUsers", "isPartial", "isFinal")
_TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "days": ("days", ("date", *_COUNTS, *_OF_DAYS)),
    "types": ("byType", ("name", *_COUNTS)),
    "engines": ("byEngine", ("name", *_COUNTS)),
    "models": ("byModel", ("name", *_COUNTS)),
    "plans": ("byPlan", ("name", *_COUNTS)),
    "hours": ("hours", ("weekday", "hour", "total")),
    "durations": ("durations", ("type", "p50", "p95", "p99", "count")),
    "users": ("topUsers", ("userId", "name", "count", "charged", "over")),
    "prompts": ("popularPrompts", ("promptId", "count", "charged", "over")),
    "errors": ("errors", ("error", "count", "over")),
}
"""By name: which part of the answer it is, and its columns."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def table_of(answer: AnalyticsAnswer, table: TableName) -> list[Row] | None:
    """Return the rows of a table, each a value for each of its columns; None: not for this caller."""
    part, columns = _TABLES[table]
    content = answer.to_json()[part]
    if content is None:
        return None
    return [{name: row[name] for name in columns} for row in _rows(table, content)]


def csv_of(table: TableName, rows: Iterable[Row]) -> str:
    """Return a header line, and a line for each row, in which no cell is a formula."""
    _, columns = _TABLES[table]
    return "".join(map(csv_line, [columns, *(row.values() for row in rows)]))


def _rows(table: TableName, content: Any) -> list[Row]:  # noqa: ANN401 - JSON
    match table:
        case "hours":
            return [
                {"weekday": weekday, "hour": hour, "total": total}
                for weekday, totals in zip(_WEEKDAYS, content, strict=True)
                for hour, total in enumerate(totals)
            ]
        case "durations":
            return [{"type": type_, **known} for type_, known in sorted(content.items())]
        case "users" | "prompts" | "errors":
            return list(content["items"])
        case _:
            return list(content)
