"""Generations as lines of a table: no prompt becomes a formula, and no prompt breaks the table."""

from __future__ import annotations

import csv
import io

import pytest

from genquota.messages.export import COLUMNS, csv_header, csv_row
from genquota.messages.records import GenerationAnswer


def cells(**fields: object) -> dict[str, str]:
    line = csv_row(GenerationAnswer.of("g1", fields, "success"))
    (row,) = csv.reader(io.StringIO(line, newline=""))
    return dict(zip(COLUMNS, row, strict=True))


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_text_is_taken_for_a_formula(start: str) -> None:
    """The last four are the full-width twins of the first four."""
    text = f"{start}1+1"
    row = cells(promptText=text, userId=text, engine=text)
    assert (row["promptText"], row["userId"], row["engine"]) == (f"'{text}",) * 3


def test_quotes_commas_and_lines_stay_within_their_cell() -> None:
    assert cells(promptText='a "red",\r\nfox')["promptText"] == 'a "red",\r\nfox'


def test_what_is_not_there_is_empty_and_outputs_are_counted() -> None:
    row = cells(userId="ada", charged=2, refunded=True, outputs=[{"url": "https://a/b"}])
    assert (row["charged"], row["refunded"], row["late"]) == ("2", "true", "false")
    assert (row["outputs"], row["engine"], row["createdAt"]) == ("1", "", "")
    assert csv_header() == ",".join(COLUMNS) + "\r\n"
