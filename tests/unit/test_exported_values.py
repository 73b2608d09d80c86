"""What Firestore stores, in the words of JSON; and cursors that clients hand back unread."""

from __future__ import annotations

import base64
import json

import pytest

from genquota.domain.errors import InvalidArgument
from genquota.messages.export.user_data import stored_to_json
from genquota.messages.requests.cursors import parts_of_cursor, parts_to_cursor
from tests.unit.samples import NOW


class Point:
    latitude, longitude = 52.5, 13.4


class Reference:
    path = "users/ada"


def test_everything_that_can_be_stored_has_a_form_in_json() -> None:
    stored = {
        "text": "a fox",
        "number": 3,
        "share": 0.5,
        "yes": True,
        "nothing": None,
        "at": NOW,
        "bytes": b"\xff\x00",
        "list": [1, {"at": NOW}],
        "nan": float("nan"),
        "endless": float("inf"),
        "place": Point(),
        "friend": Reference(),
        "dotted.key": {"deep": {"er": b""}},
    }
    assert json.loads(json.dumps(stored_to_json(stored), allow_nan=False)) == {
        "text": "a fox",
        "number": 3,
        "share": 0.5,
        "yes": True,
        "nothing": None,
        "at": "2026-11-18T12:00:00Z",
        "bytes": "/wA=",
        "list": [1, {"at": "2026-11-18T12:00:00Z"}],
        "nan": "nan",
        "endless": "inf",
        "place": "52.5,13.4",
        "friend": "users/ada",
        "dotted.key": {"deep": {"er": ""}},
    }


def test_a_cursor_comes_back_as_it_was() -> None:
    assert parts_of_cursor(parts_to_cursor("users", "users/ä"), 2) == ["users", "users/ä"]


@pytest.mark.parametrize(
    "text", ["", "x", "ä", "!!!", "bnVsbA", "WzFd", "W10", parts_to_cursor("one"), "W3t9LDFd"]
)
def test_anything_else_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidArgument):
        parts_of_cursor(text, 2)


def test_neither_is_what_is_nested_beyond_all_sense_or_no_text() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 3000).decode()
    for text in (deep, parts_to_cursor("users", "users/\ud800")):
        with pytest.raises(InvalidArgument):
            parts_of_cursor(text, 2)
