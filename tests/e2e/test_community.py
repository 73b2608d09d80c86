"""What users see of each other: the live feed on a phone of its own, by the Firebase JS SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def facts(play: Callable[[str], Facts]) -> Facts:
    return play("community")


def test_an_entry_appears_and_completes_on_the_other_screen(facts: Facts) -> None:
    shown = facts["feedShows"]
    assert shown == {
        "name": "Ada L.",
        "prompt": "a lighthouse in fog, for …",
        "engine": "flux-1",
        "statuses": ["processing", "completed"],
        "preview": [None, shown["preview"][1]],
        "fields": [
            *("createdAt", "deleteAt", "engine", "id", "previewUrl", "prompt", "status"),
            *("timestamp", "type", "updatedAt", "userId", "userName"),
        ],
    }
    assert shown["preview"][1].startswith("https://")


def test_who_leaves_is_gone_from_it_and_a_late_report_brings_nothing_back(facts: Facts) -> None:
    assert facts["feedLeft"] == {"isEmpty": True, "charged": 1, "stillEmpty": True, "mode": "named"}
