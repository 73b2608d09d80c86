"""How a window follows another when the grid may have moved: nothing is lost, nothing is minted."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Unit
from genquota.domain.windows import AnchoredGrid, CalendarGrid, FixedGrid, Grid, window_after
from tests.unit.samples import ZONES, at, span, whole_seconds

UTC_DAYS = CalendarGrid(Unit.DAY, ZoneInfo("UTC"))
grids: st.SearchStrategy[Grid] = (
    st.builds(CalendarGrid, st.sampled_from(Unit), st.sampled_from(ZONES).map(ZoneInfo))
    | st.builds(AnchoredGrid, st.sampled_from(Unit), whole_seconds, st.integers(1, 3))
    | st.builds(FixedGrid, st.sampled_from((timedelta(minutes=1), timedelta(hours=1))))
)
delays = st.timedeltas(timedelta(), timedelta(days=500))


def day(zone: str) -> CalendarGrid:
    return CalendarGrid(Unit.DAY, ZoneInfo(zone))


def test_on_the_same_grid_the_next_whole_window_follows() -> None:
    following = window_after(at("2026-05-06"), UTC_DAYS, at("2026-05-06T08:00"))
    assert following == span("2026-05-06", "2026-05-07")


def test_after_a_small_move_east_the_next_window_is_cut_at_the_new_midnight() -> None:
    # Berlin's day has 22 of its 24 hours to go: more than nine tenths.
    following = window_after(at("2026-05-06"), day("Europe/Berlin"), at("2026-05-06"))
    assert following == span("2026-05-06", "2026-05-06T22:00")


def test_after_a_large_move_the_short_piece_joins_the_window_after_it() -> None:
    # Tokyo's day has 15 hours to go.
    following = window_after(at("2026-05-06"), day("Asia/Tokyo"), at("2026-05-06"))
    assert following == span("2026-05-06", "2026-05-07T15:00")


def test_the_joined_window_also_holds_what_comes_after_the_piece() -> None:
    following = window_after(at("2026-05-06"), day("Asia/Tokyo"), at("2026-05-06T20:00"))
    assert following == span("2026-05-06", "2026-05-07T15:00")


@pytest.mark.parametrize(
    ("last_end", "end"),
    [
        ("2026-05-06T02:24:00", "2026-05-07"),  # 21 h 36 min of 24 h are left
        ("2026-05-06T02:24:01", "2026-05-08"),
    ],
)
def test_a_piece_of_nine_tenths_stands_alone_and_a_shorter_one_does_not(
    last_end: str, end: str
) -> None:
    assert window_after(at(last_end), UTC_DAYS, at(last_end)) == span(last_end, end)


@pytest.mark.parametrize(
    ("anchor", "end"),
    [
        ("2026-01-31", "2026-02-28"),  # 27 of 28 days are left
        ("2026-01-28", "2026-03-28"),  # 27 of 31: joined
        ("2026-01-15", "2026-03-15"),
        ("2026-02-01", "2026-03-01"),
    ],
)
def test_a_calendar_month_is_followed_by_the_rest_of_the_subscribers_period(
    anchor: str, end: str
) -> None:
    grid = AnchoredGrid(Unit.MONTH, at(anchor))
    assert window_after(at("2026-02-01"), grid, at("2026-02-10")) == span("2026-02-01", end)


def test_who_was_away_for_longer_than_the_next_window_finds_the_grids_own() -> None:
    tokyo = day("Asia/Tokyo")
    following = window_after(at("2026-05-06"), tokyo, at("2026-05-07T15:00"))
    assert following == span("2026-05-07T15:00", "2026-05-08T15:00")
    following = window_after(at("2026-05-06"), tokyo, at("2026-09-01T12:00"))
    assert following == span("2026-08-31T15:00", "2026-09-01T15:00")


@given(grids, whole_seconds, delays)
def test_the_following_window_holds_now_and_begins_no_earlier_than_the_last_ended(
    grid: Grid, last_end: datetime, delay: timedelta
) -> None:
    now = last_end + delay
    window = window_after(last_end, grid, now)
    assert last_end <= window.start <= now < window.end


@given(grids, whole_seconds, delays)
def test_the_following_window_ends_where_one_of_the_grid_does(
    grid: Grid, last_end: datetime, delay: timedelta
) -> None:
    end = window_after(last_end, grid, last_end + delay).end
    assert grid.window_at(end).start == end


@given(grids, whole_seconds, delays)
def test_the_following_window_is_at_least_nine_tenths_of_a_whole_one(
    grid: Grid, last_end: datetime, delay: timedelta
) -> None:
    window = window_after(last_end, grid, last_end + delay)
    last = grid.window_at(window.end - timedelta(seconds=1))
    assert (window.end - window.start) * 10 >= (last.end - last.start) * 9


@given(grids, whole_seconds, delays)
def test_the_following_window_is_a_whole_one_or_begins_at_the_last_end(
    grid: Grid, last_end: datetime, delay: timedelta
) -> None:
    window = window_after(last_end, grid, last_end + delay)
    assert window.start == last_end or window == grid.window_at(window.start)


@given(grids, st.lists(delays, max_size=5), whole_seconds)
def test_unchanged_grids_give_the_same_windows_however_seldom_anybody_looks(
    grid: Grid, pauses: list[timedelta], begin: datetime
) -> None:
    now = begin
    window = grid.window_at(now)
    for pause in pauses:
        now += pause
        if now >= window.end:
            window = window_after(window.end, grid, now)
        assert window == grid.window_at(now)
