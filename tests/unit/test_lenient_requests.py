"""What is understood though it is not written as it should be: whole floats, and texts of failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from genquota.messages.requests.callable_requests import CreateGeneration
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.messages.requests.user_requests import CheckLimit
from tests.unit.request_samples import refused_fields, request_sample

if TYPE_CHECKING:
    from genquota.messages.requests.callable_requests import Request

URL = "https://e.io/"
OUTPUT = {"url": URL}
NO_TEXT: list[Any] = [5, 1.5, True, ["a"], {"a": "b"}]
WHOLE = [
    (CheckLimit, "count", 4),
    (CreateGeneration, "count", 4),
    (CheckLimit, "credits", 10**9),
    (CreateGeneration, "credits", 0),
]


@pytest.mark.parametrize(("model", "field", "number"), WHOLE)
def test_a_whole_float_is_the_integer_that_it_is(
    model: type[Request], field: str, number: int
) -> None:
    understood = request_sample(model, {field: float(number)})[field]
    assert (understood, type(understood)) == (number, int)
    for wrong in (number + 0.5, float("nan"), float("inf"), float("-inf"), 1e300, True):
        assert refused_fields(model, {field: wrong}) == [field]


@pytest.mark.parametrize("field", ["size", "width", "height", "durationMs"])
def test_a_whole_float_is_an_integer_in_outputs_too(field: str) -> None:
    (output,) = request_sample(UpdateGeneration, {"outputs": [{**OUTPUT, field: 8000.0}]})[
        "outputs"
    ]
    assert (output[field], type(output[field])) == (8000, int)
    for wrong in (8000.5, float("nan"), float("inf"), 2.0**63, -1.0, True):
        paths = refused_fields(UpdateGeneration, {"outputs": [{**OUTPUT, field: wrong}]})
        assert paths == [f"outputs.0.{field}"]


def test_how_many_outputs_were_made_is_whole_and_fits_the_outputs() -> None:
    success = {"generationStatus": "success", "outputs": [OUTPUT, OUTPUT]}
    for right in (2, 2.0, None):
        assert (
            request_sample(UpdateGeneration, {**success, "outputCount": right})["outputCount"]
            == right
        )
    for count in (1, 3, 0):
        assert refused_fields(UpdateGeneration, {**success, "outputCount": count}) == [""]
    for wrong in (-1, 11, 1.5, True, "2"):
        assert refused_fields(UpdateGeneration, {**success, "outputCount": wrong}) == [
            "outputCount"
        ]
    shown = {"generationStatus": "success", "imageUrl": URL, "outputCount": 3}
    assert request_sample(UpdateGeneration, shown)["outputCount"] == 3
    failed = {"generationStatus": "failed", "outputCount": 0}
    assert request_sample(UpdateGeneration, failed)["outputCount"] == 0


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("x" * 1001, "x" * 1000),
        ("🦊" * 100_000, "🦊" * 1000),
        ("\x1b[31mout of memory\x1b[0m\x00", " [31mout of memory [0m "),
        ("a\x7f\x85b", "a  b"),
        ("fox \ud83e", "fox \ufffd"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("x" * 999 + "\x00\ud800", "x" * 999 + " "),
        ("tab\tand\r\nbreaks", "tab\tand\r\nbreaks"),
        ("", ""),
    ],
)
def test_what_the_engine_said_is_cut_and_cleaned_and_no_report_fails_for_it(
    message: str, kept: str
) -> None:
    for status in ("failed", "cancelled", "processing"):
        report = {"generationStatus": status, "errorMessage": message}
        assert request_sample(UpdateGeneration, report)["errorMessage"] == kept


@pytest.mark.parametrize("message", NO_TEXT)
def test_an_error_message_is_a_text(message: object) -> None:
    assert refused_fields(UpdateGeneration, {"errorMessage": message}) == ["errorMessage"]
