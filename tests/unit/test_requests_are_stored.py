"""Nothing that a request says is dropped: each field is stored, or named as one with a way of its own."""

from __future__ import annotations

from typing import Any

from genquota.messages.requests.callable_requests import PLACED, CreateGeneration, parse
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.triggers.runtime import create_command_of, report_command_of
from genquota.use_cases.generations.create_generation import fingerprint_of
from tests.generation_fields import FIELDS, FULL_ORDER

CREATE: dict[str, Any] = {**FULL_ORDER, "credits": 3, "userId": "ada"}
TYPES = frozenset({"image", "video"})


class Extended(CreateGeneration):
    """What a newer release might ask for."""

    later_field: int | None = None


def understood(model: type[CreateGeneration] = CreateGeneration, **more: Any) -> CreateGeneration:  # noqa: ANN401
    return parse(model, {**CREATE, **more}, types=TYPES, is_demo=False)


def test_every_field_of_a_generation_is_stored_or_has_a_way_of_its_own() -> None:
    asked = understood()
    assert set(CreateGeneration.model_fields) == set(asked.model_fields_set), "all are said here"
    named = {CreateGeneration.model_fields[name].alias or name for name in PLACED}
    assert CREATE.keys() - named == asked.content().keys()
    assert all(asked.content()[name] == CREATE[name] for name in asked.content())


def test_a_field_that_is_added_is_stored_and_makes_another_request() -> None:
    plain, named, other = (
        understood(Extended, **more) for more in ({}, {"laterField": 1}, {"laterField": 2})
    )
    assert named.content()["laterField"] == 1
    prints = {fingerprint_of(create_command_of(each)) for each in (plain, named, other)}
    assert len(prints) == 3


def test_all_but_key_metadata_and_user_make_another_request() -> None:
    usual = fingerprint_of(create_command_of(understood()))
    others = {name: field.other for name, field in FIELDS.items()} | {"credits": 4, "userId": "bob"}

    def is_same(name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
        return fingerprint_of(create_command_of(understood(**{name: value}))) == usual

    same = {name for name, value in others.items() if is_same(name, value)}
    assert same == {"idempotencyKey", "metadata", "userId"}
    assert CREATE.keys() == others.keys()


def test_every_field_of_a_report_is_passed_on() -> None:
    fields: dict[str, Any] = {
        "generationId": "generation-7",
        "generationStatus": "success",
        "imageUrl": "https://cdn.example.com/first.png",
        "outputs": [{"url": "https://cdn.example.com/out.png"}],
        "errorMessage": "one was blurred",
        "metadata": {"model": "flux-2"},
        "outputCount": 1,
        "userId": "ada",
    }
    asked = parse(UpdateGeneration, fields, types=TYPES, is_demo=False)
    assert set(UpdateGeneration.model_fields) == set(asked.model_fields_set), "all are said here"
    passed_on = repr(report_command_of(asked))
    marks = (
        "generation-7",
        "success",
        "first.png",
        "out.png",
        "one was blurred",
        "flux-2",
        "output_count=1",
    )
    assert all(mark in passed_on for mark in marks)
