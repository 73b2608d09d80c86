"""Nothing that a request says is dropped: each field is stored, or named as one with a way of its own."""

from __future__ import annotations

from typing import Any

from genquota.messages.requests.callable_requests import (
    PLACED,
    CreateGeneration,
    UpdateGeneration,
    parse,
)
from genquota.triggers.commands import order_of, report_of
from genquota.use_cases.generations.create_generation import fingerprint_of

CREATE: dict[str, Any] = {
    "idempotencyKey": "k1",
    "type": "image",
    "promptId": "p1",
    "promptText": "a fox",
    "mode": "text-to-image",
    "inputs": ["https://cdn.example.com/in.png"],
    "engine": "flux",
    "quality": "hd",
    "count": 2,
    "style": "ink",
    "aspectRatio": "1:1",
    "negativePrompt": "text",
    "parameters": {"seed": 7},
    "metadata": {"screen": "home"},
    "credits": 3,
    "userId": "ada",
}
TYPES = frozenset({"image"})


class Extended(CreateGeneration):
    """What a newer release might ask for."""

    seed: int | None = None


def understood(model: type[CreateGeneration] = CreateGeneration, **more: Any) -> CreateGeneration:  # noqa: ANN401
    return parse(model, {**CREATE, **more}, types=TYPES, is_demo=False)


def test_every_field_of_a_generation_is_stored_or_has_a_way_of_its_own() -> None:
    asked = understood()
    assert set(CreateGeneration.model_fields) == set(asked.model_fields_set), "all are said here"
    named = {CreateGeneration.model_fields[name].alias or name for name in PLACED}
    assert CREATE.keys() - named == asked.content().keys()
    assert all(asked.content()[name] == CREATE[name] for name in asked.content())


def test_a_field_that_is_added_is_stored_and_makes_another_request() -> None:
    plain, seeded, other = (understood(Extended, **more) for more in ({}, {"seed": 1}, {"seed": 2}))
    assert seeded.content()["seed"] == 1
    prints = {fingerprint_of(order_of(each)) for each in (plain, seeded, other)}
    assert len(prints) == 3


def test_all_but_key_metadata_and_user_make_another_request() -> None:
    usual = fingerprint_of(order_of(understood()))
    others: dict[str, Any] = {
        "type": "image",
        "promptId": "p2",
        "promptText": "a dog",
        "mode": "edit",
        "inputs": [],
        "engine": "other",
        "quality": "standard",
        "count": 1,
        "style": "oil",
        "aspectRatio": "4:3",
        "negativePrompt": "blur",
        "parameters": {},
        "credits": 4,
    }
    free: dict[str, Any] = {"idempotencyKey": "k2", "metadata": {"x": 1}, "userId": "bob"}

    def is_same(name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
        return fingerprint_of(order_of(understood(**{name: value}))) == usual

    same = {name for name, value in {**others, **free}.items() if is_same(name, value)}
    assert same == {"type", *free}, "there is but one type here"
    assert CREATE.keys() == {*others, *free}


def test_every_field_of_a_report_is_passed_on() -> None:
    said: dict[str, Any] = {
        "generationId": "generation-7",
        "generationStatus": "success",
        "imageUrl": "https://cdn.example.com/first.png",
        "outputs": [{"url": "https://cdn.example.com/out.png"}],
        "errorMessage": "one was blurred",
        "metadata": {"model": "flux-2"},
        "outputCount": 1,
        "userId": "ada",
    }
    asked = parse(UpdateGeneration, said, types=TYPES, is_demo=False)
    assert set(UpdateGeneration.model_fields) == set(asked.model_fields_set), "all are said here"
    passed_on = repr(report_of(asked))
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
