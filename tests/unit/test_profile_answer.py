"""What `update_profile` answers, whatever else stands in a user document; and what names a document."""

from __future__ import annotations

from typing import Any

import pytest

from genquota.domain.texts import is_document_name
from genquota.messages.answers.profile import profile_to_json

PROFILE: dict[str, Any] = {
    "email": "alice@example.com",
    "displayName": "Alice",
    "photoURL": None,
    "timezone": "Asia/Tokyo",
    "preferences": {"hideFromFeed": True, "locale": "ja", "theme": None},
}


def test_a_profile_is_answered_as_it_is() -> None:
    assert profile_to_json(PROFILE) == PROFILE


@pytest.mark.parametrize("odd", [5, True, b"bytes", ["a"], {"a": 1}, object()])
def test_what_is_no_text_is_answered_as_missing(odd: object) -> None:
    assert profile_to_json({**PROFILE, "displayName": odd}) == {**PROFILE, "displayName": None}


def test_of_preferences_only_those_that_clients_know_are_answered() -> None:
    stored = {**PROFILE["preferences"], "theme": 5, "own": "x", "locale": ["ja"]}
    found = profile_to_json({**PROFILE, "preferences": stored})
    assert found == {**PROFILE, "preferences": {"hideFromFeed": True}}


@pytest.mark.parametrize("name", ["a", "alice@example.com", "_x_", "__x", "x" * 1500, "é" * 750])
def test_a_document_may_be_named_so(name: str) -> None:
    assert is_document_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "__x__", "____", "x" * 1501, "é" * 751])
def test_a_document_may_not_be_named_so(name: str) -> None:
    assert not is_document_name(name)
