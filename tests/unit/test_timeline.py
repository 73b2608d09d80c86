"""What a timeline makes of what is left, and of events in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.timeline.timeline import Event, EventKind, WindowCredits, conclude, trace
from tests.unit.samples import at

if TYPE_CHECKING:
    from genquota.domain.timeline.timeline import Entry

START = at("2026-01-01")


def entry(kind: EventKind, used: int, open_: int) -> tuple[EventKind, int, int]:
    return kind, used, open_


def shown(entries: tuple[Entry, ...]) -> list[tuple[EventKind, int, int]]:
    return [entry(each.event.kind, each.used, each.open) for each in entries]


def test_what_no_record_explains_is_told_apart_from_what_was_carried_over() -> None:
    left = WindowCredits({"image": 5}, {"image": 1}, {"image": -2})
    entries, check = conclude(left, START, is_whole=True)
    assert check
    assert (check.used, check.open) == ({"image": 3}, {"image": 1})
    assert shown(entries) == [
        (EventKind.UNEXPLAINED, 5, 1),
        (EventKind.CARRIED, 2, 0),
        (EventKind.BEGAN, 0, 0),
    ]


def test_of_a_window_whose_records_are_gone_nothing_is_claimed() -> None:
    entries, check = conclude(WindowCredits({"image": 5}), START, is_whole=False)
    assert check is None
    assert shown(entries) == [(EventKind.EARLIER, 5, 0), (EventKind.BEGAN, 0, 0)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 5), st.integers(-5, 5)), max_size=9))
def test_tracing_back_undoes_what_events_did(steps: list[tuple[int, int, int]]) -> None:
    events = [
        Event(
            START + timedelta(hours=hour),
            EventKind.OPERATOR,
            {"image": used} if used else {},
            {"image": open_} if open_ else {},
        )
        for hour, used, open_ in steps
    ]
    total = WindowCredits()
    for event in events:
        total = total.plus(event)
    assert trace(total, events)[1] == WindowCredits()
