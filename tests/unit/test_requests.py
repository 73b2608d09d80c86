"""What a request means once it is understood, and what a refusal may say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.errors import InvalidArgument
from genquota.messages.requests.callable_requests import CreateGeneration, parse
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.messages.requests.user_requests import (
    CheckLimit,
    DeleteGeneration,
    GetUsage,
    UpdateProfile,
)
from tests.unit.request_samples import GOOD, TYPES, parse_sample, refused_fields, request_sample

if TYPE_CHECKING:
    from genquota.messages.requests.callable_requests import Request

MODELS = (
    CheckLimit, CreateGeneration, UpdateGeneration, GetUsage, DeleteGeneration, UpdateProfile,
)  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(("image", "hd", "success", "https://e.io", "k1"))
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def test_checking_asks_for_one_standard_image_unless_it_says_otherwise() -> None:
    asked = parse_sample(CheckLimit)
    assert (asked.type, asked.quality, asked.count) == ("image", "standard", 1)
    assert (asked.engine, asked.credits, asked.user_id) == (None, None, None)


@pytest.mark.parametrize("model", [CheckLimit, CreateGeneration])
def test_null_asks_for_the_default_as_javascript_sends_it(
    model: type[CheckLimit | CreateGeneration],
) -> None:
    asked = parse_sample(model, {"quality": None, "count": None, "engine": None, "credits": None})
    assert (asked.quality, asked.count, asked.engine, asked.credits) == ("standard", 1, None, None)
    assert parse_sample(CheckLimit, {"type": None}).type == "image"


def test_the_record_takes_over_what_was_said_and_not_the_rest() -> None:
    asked = parse_sample(
        CreateGeneration,
        {
            "mode": "text-to-image",
            "inputs": ["https://e.io/a.png"],
            "engine": "grand",
            "quality": "hd",
            "count": 2,
            "style": "anime",
            "aspectRatio": "16:9",
            "negativePrompt": "dogs",
            "parameters": {"steps": 30},
            "metadata": {"trace": 1},
            "credits": 5,
            "userId": "bob",
        },
    )
    assert asked.content() == {
        "promptId": "p1",
        "promptText": "a fox",
        "mode": "text-to-image",
        "inputs": ["https://e.io/a.png"],
        "style": "anime",
        "aspectRatio": "16:9",
        "negativePrompt": "dogs",
        "parameters": {"steps": 30},
    }
    assert parse_sample(CreateGeneration).content() == {"promptId": "p1", "promptText": "a fox"}


def test_a_profile_changes_only_what_is_named_and_null_clears() -> None:
    assert parse_sample(UpdateProfile).changes() == {}
    preferences = {"theme": None, "hideFromFeed": True}
    named = {"displayName": "Bob", "photoURL": None, "preferences": preferences}
    asked = parse_sample(UpdateProfile, {"userId": "bob", **named})
    assert asked.changes() == {
        "displayName": "Bob",
        "photoURL": None,
        "preferences": {"theme": None, "hideFromFeed": True},
    }


@pytest.mark.parametrize("data", [None, [], "", "{}", 5, True, 1.5])
def test_what_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        parse(CheckLimit, data, types=TYPES, is_demo=False)
    assert refusal.value.fields == (("", "an object was expected"),)


def test_a_refusal_names_every_field_in_question() -> None:
    wrong = {"type": "text", "count": 0, "promptText": "", "inputs": ["http://e.io"]}
    assert refused_fields(CreateGeneration, wrong) == ["type", "promptText", "inputs.0", "count"]


def test_a_refusal_names_twenty_fields_at_most() -> None:
    assert len(refused_fields(CheckLimit, {**{f"surprise{n}": n for n in range(50)}})) == 20


def test_a_refusal_repeats_no_value_and_no_name_that_could_carry_one() -> None:
    secret = "s3cret s3cret"
    names = ("type", "quality", "count", "engine", "promptText", "userId", "credits")
    wrong: dict[str, Any] = dict.fromkeys(names, secret * 2000)
    wrong |= {"inputs": [secret], "metadata": {secret: [[secret]]}, secret: secret, "x" * 65: 1}
    with pytest.raises(InvalidArgument) as refusal:
        parse(CreateGeneration, wrong, types=TYPES, is_demo=False)
    assert "s3cret" not in repr(refusal.value.fields)
    assert "s3cret" not in str(refusal.value.__cause__)
    assert [path for path, _ in refusal.value.fields][-2:] == ["?", "?"]


@pytest.mark.parametrize("model", GOOD)
def test_a_user_is_named_by_any_id_that_firebase_gives(model: type[Request]) -> None:
    for uid in ("alice", "x" * 128, "alice@example.com", "日本", "a b", "a.b"):
        assert request_sample(model, {"userId": uid})["userId"] == uid
    for wrong in ("", "x" * 129, "a/b", "..", ".", "__x__", "a\nb", "\x00", 5, True, ["a"]):
        assert refused_fields(model, {"userId": wrong})[0] == "userId"


@pytest.mark.parametrize("model", GOOD)
def test_unknown_fields_are_refused(model: type[Request]) -> None:
    assert refused_fields(model, {"surprise": 1}) == ["surprise"]
    assert refused_fields(model, {"user_id": "alice"}) == ["user_id"]  # JSON is camelCase


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (CreateGeneration, ["idempotencyKey", "promptId", "promptText", "type"]),
        (UpdateGeneration, ["generationId", "generationStatus"]),
        (DeleteGeneration, ["generationId"]),
        (CheckLimit, []),
        (GetUsage, []),
        (UpdateProfile, []),
    ],
)
def test_what_is_required_may_not_be_missing_or_null(
    model: type[Request], fields: list[str]
) -> None:
    assert sorted(GOOD[model]) == fields
    for field in fields:
        assert refused_fields(model, {field: None}) == [field]


@given(st.sampled_from(MODELS), st.data())
def test_any_json_is_understood_or_refused(model: type[CheckLimit], data: st.DataObject) -> None:
    """Whatever is sent, nothing else comes of it: no other error, no other type."""
    fields = {field.alias or name for name, field in model.model_fields.items()}
    names = st.sampled_from(sorted(fields)) | st.text(max_size=8)
    sent = {**GOOD[model], **data.draw(st.dictionaries(names, values, max_size=4))}
    try:
        asked = parse(model, sent, types=TYPES, is_demo=False)
    except InvalidArgument as refusal:
        assert 1 <= len(refusal.fields) <= 20  # noqa: PT017 - either way will do
    else:
        assert isinstance(asked, model)
