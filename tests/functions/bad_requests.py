"""Requests that no function understands: each is right but for one field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.functions import bad_values as bad
from tests.functions.app import CALLABLES, order
from tests.generation_fields import FIELDS as GENERATION_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://cdn.example.com/fox.png"

RIGHT: dict[str, dict[str, Any]] = {
    "check_limit": {},
    "create_generation": order(),
    "update_generation": {
        "generationId": "generation-1",
        "generationStatus": "success",
        "imageUrl": URL,
    },
    "get_usage": {},
    "delete_generation": {"generationId": "generation-1"},
    "update_profile": {"displayName": "Ann"},
    "register_device": {"token": "a-token", "platform": "ios"},
    "export_my_data": {},
    "delete_my_data": {},
}
REQUIRED = {
    "create_generation": tuple(
        name for name, field in GENERATION_FIELDS.items() if field.is_required
    ),
    "update_generation": ("generationId", "generationStatus"),
    "delete_generation": ("generationId",),
    "register_device": ("token", "platform"),
}
_CREATE: dict[str, bad.Values] = {
    **{name: field.bad for name, field in GENERATION_FIELDS.items()},
    "credits": bad.NO_CREDITS,
}
_CHECK = ("type", "engine", "quality", "count", "credits")


def _outputs(**values: Any) -> bad.Values:  # noqa: ANN401 - JSON
    return {name: [{"url": URL, **value}] for name, value in values.items()}


FIELDS: dict[str, dict[str, bad.Values]] = {
    "check_limit": {name: _CREATE[name] for name in _CHECK},
    "create_generation": _CREATE,
    "update_generation": {
        "generationId": bad.NO_ID,
        "generationStatus": bad.one_of("expired", "pending", "SUCCESS"),
        "imageUrl": bad.NO_URL,
        "errorMessage": {
            name: bad.NO_TEXT[name] for name in bad.NO_TEXT.keys() - {"a lone surrogate"}
        },
        "outputCount": bad.NO_NUMBER | {"-1": -1, "11": 11},
        "metadata": bad.NO_MAP,
        "outputs": {
            "11 of them": [{"url": URL}] * 11,
            "text": URL,
            "one map": {"url": URL},
            "text in it": [URL],
            "null in it": [None],
            "no url": [{"width": 1}],
            **_outputs(
                colour={"colour": "red"},
                filename={"filename": "x" * 257},
                control={"filename": "fox\0.png"},
            ),
            **{f"url: {name}": [{"url": value}] for name, value in bad.NO_URL.items()},
            **_outputs(**{f"size: {name}": {"size": v} for name, v in bad.NO_SIZE.items()}),
            **_outputs(**{f"width {v!r}": {"width": v} for v in (-1, True, "1")}),
            **_outputs(**{f"height {v!r}": {"height": v} for v in (-1, True, "1")}),
            **_outputs(**{f"durationMs {v!r}": {"durationMs": v} for v in (-1, True, "1")}),
        },
    },
    "get_usage": {},
    "delete_generation": {"generationId": bad.NO_ID},
    "update_profile": {
        "displayName": bad.text(128, may_be_empty=True),
        "photoURL": bad.NO_URL,
        "timezone": bad.one_of("Mars/Olympus", "Europe", "../UTC", "/etc/passwd", "UTC\0"),
        "preferences": {
            "text": "dark",
            "a list": ["dark"],
            "an unknown one": {"colour": "red"},
            "text for a switch": {"hideFromFeed": "yes"},
            "a number for a switch": {"hideFromFeed": 1},
            "a long theme": {"theme": "x" * 65},
            "a long locale": {"locale": "x" * 36},
            "a control character": {"theme": "fox\0"},
        },
    },
    "register_device": {
        "token": bad.text(4096) | {"a blank": "a token"},
        "platform": bad.one_of("windows", "iOS"),
        "locale": bad.text(35),
        "remove": {"text": "true", "a number": 1},
    },
    "export_my_data": {
        "cursor": bad.text(4096)
        | {"nonsense": "nonsense", "another's": "WyJ1c2VycyIsICJ1c2Vycy9ib2IiXQ"},
        "pageSize": {"none": 0, "too many": 501, "text": "2", "a fraction": 1.5},
    },
    "delete_my_data": {},
}
_UNKNOWN = ("colour", "user_id", "prompt_text", "__proto__", "", "quota", "role", "isDeleted")


def bad_requests() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Give every bad request: function, field, what is wrong with it, data."""
    for function in CALLABLES:
        right = RIGHT[function]
        for field, values in {"userId": bad.NO_USER_ID, **FIELDS[function]}.items():
            for name, value in values.items():
                yield function, field, name, {**right, field: value}
        for field in REQUIRED.get(function, ()):
            without = {name: value for name, value in right.items() if name != field}
            yield function, field, "missing", without
            yield function, field, "null", {**right, field: None}
        for field in _UNKNOWN:
            yield function, field, "unknown", {**right, field: "somebody"}
    success = {"generationId": "generation-1", "generationStatus": "success"}
    yield "update_generation", "", "a success without output", success
    yield "update_generation", "", "a success with no outputs", {**success, "outputs": []}
