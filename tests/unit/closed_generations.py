"""Closed generations for tests of statistics, by hand and at random."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from genquota.domain.enums import Status
from genquota.domain.statistics.daily import ClosedGeneration

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 20, 9, tzinfo=UTC)
"""Eight days before Berlin's clocks change."""


def closed(id_: str = "g1", **facts: Any) -> ClosedGeneration:  # noqa: ANN401 - fields by name
    usual: dict[str, Any] = {
        "id": id_,
        "uid": "ada",
        "created_at": START,
        "previous_at": None,
        "type": "image",
        "engine": "sd",
        "model": None,
        "plan_id": "free",
        "prompt_id": "p1",
        "status": Status.SUCCESS,
        "charged": 1,
        "outputs": 1,
    }
    return ClosedGeneration(**{**usual, **facts})


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[ClosedGeneration]:
    """Draw generations of a few users in the order of their creation, each knowing the one before."""
    steps = draw(st.lists(st.integers(0, 5 * 24 * 60), min_size=1, max_size=most))
    at, last, history = START, dict[str, datetime](), []
    for number, minutes in enumerate(steps):
        at += timedelta(minutes=minutes)
        uid = draw(st.sampled_from("abcdefg"))
        status = draw(
            st.sampled_from([Status.SUCCESS, Status.FAILED, Status.CANCELLED, Status.EXPIRED])
        )
        is_success = status is Status.SUCCESS
        history.append(
            closed(
                f"g{number}",
                uid=uid,
                created_at=at,
                previous_at=last.get(uid),
                type=draw(st.sampled_from(["image", "video"])),
                engine=draw(st.sampled_from([None, "sd", "flux"])),
                prompt_id=draw(st.sampled_from([None, "p1", "p2"])),
                status=status,
                charged=draw(st.integers(0, 3)) if is_success else 0,
                outputs=int(is_success),
                is_late=is_success and draw(st.booleans()),
                duration_ms=draw(st.integers(0, 10**7)) if is_success else None,
                error=draw(st.sampled_from(["# s", "no"])) if status is Status.FAILED else None,
            )
        )
        last[uid] = at
    return history
