"""Generations as rows of a spreadsheet: nothing in them is taken for a formula."""

import csv
import io
import json
import re
from collections.abc import Iterable

from genquota.messages.answers.generation_records import GenerationAnswer

COLUMNS = (
    "id", "userId", "type", "mode", "promptId", "promptText", "negativePrompt", "style",
    "aspectRatio", "quality", "engine", "count", "credits", "charged", "generationStatus",
    "refunded", "late", "planId", "subscriptionId", "imageUrl", "outputs", "errorMessage",
    "createdAt", "startedAt", "completedAt", "failedAt", "expiresAt",
)  # fmt: skip

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the first four in full width, which spreadsheets in East Asia take for the same."""

_AFTER_SEMICOLON = re.compile(f";(?=[{re.escape(''.join(_FORMULA_STARTS))}])")
"""Where a new cell begins for spreadsheets that expect semicolons between cells, as in much of Europe."""


def csv_line(values: Iterable[object]) -> str:
    """Return one line of texts, numbers, truth values and None, which is an empty cell."""
    return _line(map(_cell, values))


def csv_header() -> str:
    return _line(COLUMNS)


def csv_row(generation: GenerationAnswer) -> str:
    """Return one line; outputs are counted, times are UTC."""
    fields = generation.to_json()
    fields["outputs"] = generation.output_count or len(generation.outputs)
    return csv_line(fields[name] for name in COLUMNS)


def json_row(generation: GenerationAnswer) -> str:
    return json.dumps(generation.to_json(), ensure_ascii=False, separators=(",", ":"))


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return csv_safe(str(value))


def csv_safe(text: str) -> str:
    """Return the text with an apostrophe wherever a spreadsheet might see the start of a formula."""
    if ";" in text:
        text = _AFTER_SEMICOLON.sub(";'", text)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
