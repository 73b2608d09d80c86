"""Windows and holds as the short texts that stand in the user document."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.quota.account import Allocation, Counter, GrantAllocation, Hold
from genquota.domain.windows import Span
from genquota.store.user.quota_state import (
    hold_from_text,
    hold_to_text,
    windows_from_text,
    windows_to_text,
)
from tests.unit.samples import at, counter

if TYPE_CHECKING:
    from collections.abc import Mapping

seconds = st.integers(0, 2**37).map(lambda each: datetime.fromtimestamp(each, UTC))
counts = st.integers(0, 2**63 - 1)
names = st.text(min_size=1, max_size=12)
counters = st.builds(
    Counter,
    st.builds(Span, seconds, seconds),
    st.dictionaries(names, counts, max_size=3),
    counts,
    counts,
    st.none() | st.dates().map(str),
)
parts = st.builds(GrantAllocation, names, counts, st.none() | seconds)
holds = st.builds(
    Hold,
    seconds,
    names,
    st.builds(Allocation, counts, st.lists(parts, max_size=3).map(tuple)),
    st.fixed_dictionaries(dict.fromkeys(LIMIT_WINDOWS, seconds)),
    names,
)
HOLD = Hold(
    at("2026-11-18T12:15"),
    "video",
    Allocation(
        3, (GrantAllocation("gift", 2, at("2026-12-24")), GrantAllocation("forever", 1, None))
    ),
    {
        Window.DAY: at("2026-11-18"),
        Window.WEEK: at("2026-11-16"),
        Window.MONTH: at("2026-11-01"),
        Window.QUARTER: at("2026-10-01"),
        Window.PERIOD: at("2026-11-10T08:30"),
    },
    "2026-11-18",
)


@given(st.dictionaries(st.sampled_from(Window), counters))
def test_windows_are_read_as_they_were_written(windows: Mapping[Window, Counter]) -> None:
    assert windows_from_text(windows_to_text(windows)) == windows


@given(holds)
def test_holds_are_read_as_they_were_written(hold: Hold) -> None:
    assert hold_from_text(hold_to_text(hold)) == hold


def test_windows_stand_in_the_document_like_this() -> None:
    """What is stored must stay readable: whoever changes this needs a migration."""
    day = counter("2026-11-18", "2026-11-19", date="2026-11-18", zone="UTC", image=2)
    text = windows_to_text({Window.DAY: day})
    assert text == (
        '{"day":{"start":1794960000,"end":1795046400,"used":{"image":2},'
        '"success":0,"failed":0,"date":"2026-11-18","zone":"UTC"}}'
    )
    assert windows_from_text(text) == {Window.DAY: day}


def test_a_hold_stands_in_the_document_like_this() -> None:
    text = hold_to_text(HOLD)
    assert json.loads(text) == {
        "v": 2,
        "end": 1795004100,
        "type": "video",
        "date": "2026-11-18",
        "plan": 3,
        "in": {
            "d": 1794960000,
            "w": 1794787200,
            "m": 1793491200,
            "q": 1790812800,
            "p": 1794299400,
        },
        "grants": [["gift", 2, 1798070400], ["forever", 1]],
    }
    assert hold_from_text(text) == HOLD


FORM_1 = (
    '{"end":1795004100,"type":"video","date":"2026-11-18","windows":3,'
    '"starts":[1794960000,1794787200,1793491200,1794299400],'
    '"grants":[["gift",2,1798070400],["forever",1,null]]}'
)


def test_a_hold_of_a_release_without_quarters_is_read_and_is_in_none() -> None:
    starts = {window: start for window, start in HOLD.starts.items() if window != "quarter"}
    assert hold_from_text(FORM_1) == replace(HOLD, starts=starts)


def test_a_window_of_a_newer_release_is_left_out_of_holds_and_windows() -> None:
    newer = hold_to_text(HOLD).replace('"d":', '"y":1767225600,"d":')
    assert hold_from_text(newer) == HOLD
    day = counter("2026-11-18", "2026-11-19", date="2026-11-18", zone="UTC", image=2)
    text = windows_to_text({Window.DAY: day})
    assert windows_from_text(text.replace('{"day"', '{"year":{"start":1},"day"')) == {
        Window.DAY: day
    }


def test_a_hold_takes_little_room() -> None:
    """Two hundred of them must fit into a user document many times over."""
    assert len(hold_to_text(HOLD)) < 200


@pytest.mark.parametrize("text", ["{}", ""])
def test_no_windows_are_no_windows(text: str) -> None:
    assert windows_from_text(text or windows_to_text({})) == {}
