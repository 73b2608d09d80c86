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
def told(play: Callable[[str], Facts]) -> Facts:
    return play("ownData")


def test_the_sdk_reads_an_export_whatever_keys_the_user_s_maps_have(told: Facts) -> None:
    assert (told["parameters"], told["metadata"]) == (LINKED, {"about": LINKED})


def test_calls_without_argument_are_answered(told: Facts) -> None:
    assert (told["canGenerate"], told["lifetimeTotal"], told["finished"]) == (True, 1, True)
    assert (told["isUnchanged"], told["isTheSame"]) == (True, True)


def test_three_outputs_of_four_cost_three_credits(told: Facts) -> None:
    assert (told["credits"], told["charged"], told["used"]) == (4, 3, 3)
    assert told["outputTotal"] == 3


def test_a_locale_as_apple_writes_it_is_kept_as_language_and_region(told: Facts) -> None:
    assert told["preferences"]["locale"] == "ar-SA"
