"""Every bound of a request, from both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from genquota.messages.requests.callable_requests import CreateGeneration
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.messages.requests.user_requests import CheckLimit, DeleteGeneration, UpdateProfile
from tests.unit.request_samples import refused_fields, request_sample

if TYPE_CHECKING:
    from genquota.messages.requests.callable_requests import Request

URL = "https://e.io/"
OUTPUT = {"url": URL}
OUTPUTS_OF_SUCCESS = {"generationStatus": "success", "outputs": [OUTPUT]}
IDS = [
    (CreateGeneration, "idempotencyKey"),
    (CreateGeneration, "promptId"),
    (UpdateGeneration, "generationId"),
    (DeleteGeneration, "generationId"),
]
TEXTS = [
    (CreateGeneration, "promptText", 1, 8000),
    (CreateGeneration, "mode", 1, 128),
    (CreateGeneration, "style", 1, 128),
    (CreateGeneration, "aspectRatio", 1, 128),
    (CreateGeneration, "engine", 1, 200),
    (CheckLimit, "engine", 1, 200),
    (CreateGeneration, "negativePrompt", 0, 2000),
    (UpdateProfile, "displayName", 0, 128),
]
URLS = [(UpdateGeneration, "imageUrl"), (UpdateProfile, "photoURL")]
MAPS = [
    (CreateGeneration, "parameters"),
    (CreateGeneration, "metadata"),
    (UpdateGeneration, "metadata"),
]
NO_TEXT: list[Any] = [5, 1.5, True, ["a"], {"a": "b"}]


@pytest.mark.parametrize(("model", "field"), IDS)
@pytest.mark.parametrize("name", ["k", "A-Z_0-9", "x" * 128, "-", "_x_", "__x", "0"])
def test_an_id_is_up_to_128_plain_characters(model: type[Request], field: str, name: str) -> None:
    assert field in request_sample(model, {field: name})


@pytest.mark.parametrize(("model", "field"), IDS)
@pytest.mark.parametrize(
    "name",
    [
        "", "x" * 129, "a/b", "a.b", "..", ".", "a b", "é", "k\n", "\nk", "k\x00", "__x__", "____",
        "a\\b", "%2F", *NO_TEXT,
    ],
)  # fmt: skip
def test_an_id_is_nothing_else(model: type[Request], field: str, name: object) -> None:
    assert refused_fields(model, {field: name}) == [field]


@pytest.mark.parametrize(("model", "field", "least", "most"), TEXTS)
def test_a_text_has_a_least_and_a_greatest_length(
    model: type[Request], field: str, least: int, most: int
) -> None:
    for text in ("x" * least, "🦊" * most, "x" * most):
        assert request_sample(model, {field: text})[field] == text
    assert refused_fields(model, {field: "x" * (most + 1)}) == [field]
    if least:
        assert refused_fields(model, {field: ""}) == [field]


@pytest.mark.parametrize(("model", "field", "least", "most"), TEXTS)
def test_a_text_is_a_text_without_control_characters(
    model: type[Request], field: str, least: int, most: int
) -> None:
    assert least <= 3 <= most
    assert request_sample(model, {field: "a\tb\r\nc"})
    for text in ("a\x00", "\x1b[0m", "a\x7f", "a\x85", "\ud800", *NO_TEXT):
        assert refused_fields(model, {field: text})[0].startswith(field)


@pytest.mark.parametrize(("model", "field"), URLS)
def test_a_url_is_https_or_gs_and_2048_long_at_most(model: type[Request], field: str) -> None:
    for url in ("https://e.io/a.png", "gs://bucket/a.png", URL + "x" * (2048 - len(URL))):
        assert request_sample(model, {field: url})[field] == url
    for url in (
        URL + "x" * (2049 - len(URL)), "", "http://e.io", "http://localhost/a", "ftp://e.io",
        "javascript:alert(1)", "data:image/png;base64,AA", "//e.io", " https://e.io",
        "HTTPS://e.io", "file:///etc/passwd", "https:/e.io", "https://e.io/\x00", *NO_TEXT,
    ):  # fmt: skip
        assert refused_fields(model, {field: url})[0].startswith(field)


@pytest.mark.parametrize(("model", "field"), URLS)
def test_a_url_of_this_machine_is_allowed_in_a_demo_project(
    model: type[Request], field: str
) -> None:
    for url in ("http://localhost/a", "http://localhost:9199/a", "http://127.0.0.1:9199/a"):
        assert request_sample(model, {field: url}, is_demo=True)
        assert refused_fields(model, {field: url}) == [field]
    for url in (
        "http://localhost.evil.io/a",
        "http://e.io",
        "http://localhost:9@evil.io/",
        "http://127.0.0.1.evil.io",
    ):
        assert refused_fields(model, {field: url}, is_demo=True) == [field]


@pytest.mark.parametrize("item", [URL, "gs://b/c"])
def test_there_are_ten_inputs_and_outputs_at_most(item: str) -> None:
    for count in (0, 10):
        assert request_sample(CreateGeneration, {"inputs": [item] * count})
        assert request_sample(UpdateGeneration, {"outputs": [{"url": item}] * count})
    assert refused_fields(CreateGeneration, {"inputs": [item] * 11}) == ["inputs"]
    assert refused_fields(UpdateGeneration, {"outputs": [{"url": item}] * 11}) == ["outputs"]
    assert refused_fields(CreateGeneration, {"inputs": [item, "http://e.io"]}) == ["inputs.1"]
    assert refused_fields(CreateGeneration, {"inputs": item}) == ["inputs"]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("url", [URL], ["http://e.io", None, 5]),
        ("filename", ["a.png", "x" * 256, None], ["", "x" * 257, 5, "a\x00"]),
        ("size", [0, 2**63 - 1, None], [-1, 2**63, 1.5, True, "5"]),
        ("width", [0, 2**63 - 1], [-1, 2**63, True]),
        ("height", [0, 2**63 - 1], [-1, 2**63, True]),
        ("durationMs", [0, 2**63 - 1], [-1, 2**63, True]),
        ("surprise", [], [1, None]),
    ],
)
def test_an_output_has_its_own_bounds(field: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert request_sample(UpdateGeneration, {"outputs": [{**OUTPUT, field: value}]})
    for value in bad:
        paths = refused_fields(UpdateGeneration, {"outputs": [{**OUTPUT, field: value}]})
        assert paths == [f"outputs.0.{field}"]


@pytest.mark.parametrize("model", [CheckLimit, CreateGeneration])
def test_count_is_from_1_to_10(model: type[Request]) -> None:
    for count in (1, 10):
        assert request_sample(model, {"count": count})["count"] == count
    for wrong in (0, 11, -1, 2**63, True, 1.5, "1", [1]):
        assert refused_fields(model, {"count": wrong}) == ["count"]


@pytest.mark.parametrize("model", [CheckLimit, CreateGeneration])
def test_credits_are_whole_and_from_0_to_a_thousand_million(model: type[Request]) -> None:
    for credits in (0, 10**9):
        assert request_sample(model, {"credits": credits})["credits"] == credits
    for wrong in (-1, 10**9 + 1, 2**63, False, 1.5, "1"):
        assert refused_fields(model, {"credits": wrong}) == ["credits"]


@pytest.mark.parametrize("model", [CheckLimit, CreateGeneration])
def test_quality_is_standard_or_hd(model: type[Request]) -> None:
    for quality in ("standard", "hd"):
        assert request_sample(model, {"quality": quality})["quality"] == quality
    for wrong in ("HD", "", "4k", True):
        assert refused_fields(model, {"quality": wrong}) == ["quality"]


@pytest.mark.parametrize("model", [CheckLimit, CreateGeneration])
def test_type_is_one_of_the_apps(model: type[Request]) -> None:
    for type_ in ("image", "video", "audio", "api-request"):
        assert request_sample(model, {"type": type_})["type"] == type_
    for wrong in ("text", "", "Image", "image ", "a/b", True):
        assert refused_fields(model, {"type": wrong}) == ["type"]


@pytest.mark.parametrize(("model", "field"), MAPS)
def test_a_map_is_bounded_in_size_and_depth_and_is_storable(
    model: type[Request], field: str
) -> None:
    deepest: dict[str, Any] = {}
    for _ in range(9):
        deepest = {"a": deepest}
    largest = {"a": "x" * (16_384 - 8)}
    for good in ({}, deepest, largest, {"a": [1, None, {"b": 2.5}]}):
        assert request_sample(model, {field: good})[field] == good
    unstorable: list[object] = [
        {"a": deepest}, {"a": largest["a"] + "x"}, {"a": [[1]]}, {"": 1}, {"__x__": 1},
        {"a": 2**63}, {"a": float("nan")}, {"a": "\x00"}, [], "{}", 5,
    ]  # fmt: skip
    for bad in unstorable:
        assert refused_fields(model, {field: bad}) == [field]


def test_a_report_is_one_of_four() -> None:
    assert request_sample(UpdateGeneration, {"generationStatus": "processing"})
    assert request_sample(UpdateGeneration, {"generationStatus": "failed"})
    assert request_sample(UpdateGeneration, {"generationStatus": "cancelled"})
    assert request_sample(UpdateGeneration, OUTPUTS_OF_SUCCESS)
    for wrong in ("pending", "expired", "", "SUCCESS", None, 1):
        assert refused_fields(UpdateGeneration, {"generationStatus": wrong}) == ["generationStatus"]


def test_a_success_needs_an_image_url_or_an_output() -> None:
    assert request_sample(UpdateGeneration, {"generationStatus": "success", "imageUrl": URL})
    assert request_sample(
        UpdateGeneration, {"generationStatus": "success", "imageUrl": URL, "outputs": []}
    )
    assert refused_fields(UpdateGeneration, {"generationStatus": "success"}) == [""]
    assert refused_fields(UpdateGeneration, {"generationStatus": "success", "outputs": []}) == [""]
    assert refused_fields(UpdateGeneration, {"generationStatus": "success", "imageUrl": None}) == [
        ""
    ]


def test_a_profile_is_bounded() -> None:
    for zone in ("Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"):
        assert request_sample(UpdateProfile, {"timezone": zone})
    for wrong in ("", "Mars/Olympus", "../etc/passwd", "Europe/Berlin\0", "x" * 129, 5):
        assert refused_fields(UpdateProfile, {"timezone": wrong}) == ["timezone"]
    good = {"hideFromFeed": True, "locale": "x" * 35, "theme": "x" * 64}
    assert request_sample(UpdateProfile, {"preferences": good})
    for name, value in (
        ("hideFromFeed", 1), ("hideFromFeed", "true"), ("locale", "x" * 36), ("theme", "x" * 65),
        ("theme", "\x00"), ("surprise", 1),
    ):  # fmt: skip
        paths = refused_fields(UpdateProfile, {"preferences": {**good, name: value}})
        assert paths == [f"preferences.{name}"]
