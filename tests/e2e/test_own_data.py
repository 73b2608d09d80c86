"""What the Firebase JS SDK makes of a user's own data, and what it sends for what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = dict[str, Any]

LINKED = {
    "@@type": "https://schema.org/ImageObject",
    "parts": [{"@@type": "Person", "name": "Ada"}],
}
"""`@type` itself the SDK takes for a wrapped number, and an answer with it for broken."""


@pytest.fixture(scope="module")
def facts(play: Callable[[str], Facts]) -> Facts:
    return play("ownData")


def test_the_sdk_reads_an_export_whatever_keys_the_user_s_maps_have(facts: Facts) -> None:
    assert (facts["parameters"], facts["metadata"]) == (LINKED, {"about": LINKED})


def test_calls_without_argument_are_answered(facts: Facts) -> None:
    assert (facts["canGenerate"], facts["lifetimeTotal"], facts["finished"]) == (True, 1, True)
    assert (facts["isUnchanged"], facts["isTheSame"]) == (True, True)


def test_three_outputs_of_four_cost_three_credits(facts: Facts) -> None:
    assert (facts["credits"], facts["charged"], facts["used"]) == (4, 3, 3)
    assert facts["outputTotal"] == 3


def test_a_locale_as_apple_writes_it_is_kept_as_language_and_region(facts: Facts) -> None:
    assert facts["preferences"]["locale"] == "ar-SA"
