"""Rows of an export: no cell is a formula, none is torn, and what was there comes out again."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.messages.answers.generation_records import GenerationAnswer
from genquota.messages.export.generation_rows import COLUMNS, csv_header, csv_row, csv_safe

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the first four in full width."""


def _generation(**fields: object) -> GenerationAnswer:
    at = datetime(2027, 3, 15, 9, tzinfo=UTC)
    data = {"userId": "ada", "credits": 3, "charged": 2, "createdAt": at, "outputs": [{}, {}]}
    return GenerationAnswer.from_document({**data, **fields}, id="g1", generation_status="success")


def _cells(text: str) -> dict[str, str]:
    (row,) = csv.reader(io.StringIO(text, newline=""))
    return dict(zip(COLUMNS, row, strict=True))


@given(st.text() | st.text(st.sampled_from([*STARTS, ";", "a"])))
def test_no_cell_begins_like_a_formula_whichever_separator_is_expected(text: str) -> None:
    safe = csv_safe(text)
    assert not any(cell.startswith(STARTS) for cell in safe.split(";"))
    assert safe.replace("'", "") == text.replace("'", "")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["", *STARTS]))
def test_every_text_is_one_cell_of_one_row(text: str, start: str) -> None:
    cells = _cells(csv_row(_generation(promptText=start + text, errorMessage=start + text)))
    assert cells["promptText"] == cells["errorMessage"] == csv_safe(start + text)


def test_numbers_stay_numbers_and_times_are_utc() -> None:
    cells = _cells(csv_row(_generation()))
    assert (cells["credits"], cells["charged"], cells["outputs"]) == ("3", "2", "2")
    assert cells["createdAt"] == "2027-03-15T09:00:00Z"
    assert (cells["late"], cells["completedAt"]) == ("false", "")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
)
def test_what_would_be_a_formula_has_an_apostrophe(text: str) -> None:
    assert csv_safe(text) == f"'{text}"


def test_the_header_names_the_columns() -> None:
    assert csv_header().rstrip("\r\n").split(",") == list(COLUMNS)
    assert {"credits", "charged", "createdAt"} <= set(COLUMNS)


def test_every_field_of_a_generation_is_a_column_or_left_out_on_purpose() -> None:
    assert GenerationAnswer.model_json_schema(by_alias=True)["properties"].keys() - {*COLUMNS} == {
        *("inputs", "parameters", "metadata", "outputCount", "updatedAt", "isDeleted", "deletedAt")
    }


def test_the_stated_number_of_outputs_is_the_number_of_outputs() -> None:
    assert _cells(csv_row(_generation(outputCount=3, outputs=[{}])))["outputs"] == "3"
    assert _generation(outputCount=3).to_json()["outputCount"] == 3
    assert _generation().to_json()["outputCount"] is None
