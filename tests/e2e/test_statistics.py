"""The analytics by way of schedules and the HTTP API, beside the records that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS_AT = "2027-06-07T09:00:00Z"
"""After all other stories: statistics go by when generations close, and time must not run back."""


def test_the_numbers_are_those_of_the_records(play: Callable[..., dict[str, Any]]) -> None:
    analysed = play("statistics", STARTS_AT)["analysed"]
    assert analysed["analytics"] == analysed["records"]
    assert analysed["analytics"] == {
        "success": 3,
        "failed": 1,
        "cancelled": 1,
        "expired": 1,
        "charged": 2,
        "activeUsers": 2,
    }
    assert analysed["engines"] == [["flux-1", 2], ["veo-3", 1]]
    assert analysed["successRate"] == 0.5
    assert (analysed["topUser"]["count"], analysed["topUser"]["charged"]) == (4, 1)
