"""Calendar windows: days, weeks, months and years of a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Unit
from genquota.domain.windows import CalendarGrid, FixedGrid
from tests.unit.samples import ZONES, at, instants, span

SECOND = timedelta(seconds=1)
grids = st.builds(
    CalendarGrid,
    st.sampled_from(Unit),
    st.sampled_from(ZONES).map(ZoneInfo),
    st.integers(1, 6),
    st.integers(0, 6),
)


def day(zone: str) -> CalendarGrid:
    return CalendarGrid(Unit.DAY, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "instant", "start", "end", "hours"),
    [
        ("UTC", "2026-11-18T12:00", "2026-11-18", "2026-11-19", 24),
        ("Europe/Berlin", "2026-03-29T05:00", "2026-03-28T23:00", "2026-03-29T22:00", 23),
        ("Europe/Berlin", "2026-10-25T05:00", "2026-10-24T22:00", "2026-10-25T23:00", 25),
        ("America/New_York", "2026-03-08T12:00", "2026-03-08T05:00", "2026-03-09T04:00", 23),
        ("America/New_York", "2026-11-01T12:00", "2026-11-01T04:00", "2026-11-02T05:00", 25),
        ("Australia/Lord_Howe", "2026-10-04T00:00", "2026-10-03T13:30", "2026-10-04T13:00", 23.5),
        ("Australia/Lord_Howe", "2026-04-05T00:00", "2026-04-04T13:00", "2026-04-05T13:30", 24.5),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_also_when_clocks_change(
    zone: str, instant: str, start: str, end: str, hours: float
) -> None:
    window = day(zone).window_at(at(instant))
    assert window == span(start, end)
    assert (window.end - window.start) / timedelta(hours=1) == hours


@pytest.mark.parametrize(
    ("zone", "before", "start", "end"),
    [
        ("America/Sao_Paulo", "2018-11-03T03:00", "2018-11-04T03:00", "2018-11-05T02:00"),
        ("Africa/Cairo", "2023-04-26T22:00", "2023-04-27T22:00", "2023-04-28T21:00"),
        ("Asia/Beirut", "2022-03-25T22:00", "2022-03-26T22:00", "2022-03-27T21:00"),
        ("Asia/Tehran", "2022-03-20T20:30", "2022-03-21T20:30", "2022-03-22T19:30"),
    ],
)
def test_a_day_without_a_midnight_begins_with_the_first_instant_after_the_gap(
    zone: str, before: str, start: str, end: str
) -> None:
    assert day(zone).window_at(at(start)) == span(start, end)
    assert day(zone).window_at(at(start) - SECOND) == span(before, start)


@pytest.mark.parametrize(
    ("zone", "again", "start", "end"),
    [
        # 01:00 becomes 00:00: midnight comes twice
        ("America/Havana", "2024-11-03T05:00", "2024-11-03T04:00", "2024-11-04T05:00"),
        ("Atlantic/Azores", "2026-10-25T01:00", "2026-10-25T00:00", "2026-10-26T01:00"),
        # 00:01 becomes 23:01 of yesterday
        ("America/St_Johns", "2010-11-07T02:31", "2010-11-07T02:30", "2010-11-08T03:30"),
    ],
)
def test_a_day_with_two_midnights_begins_at_the_first_and_not_again_at_the_second(
    zone: str, again: str, start: str, end: str
) -> None:
    for instant in (at(start), at(again), at(again) + timedelta(minutes=45), at(end) - SECOND):
        assert day(zone).window_at(instant) == span(start, end)
    assert day(zone).window_at(at(start) - SECOND).end == at(start)


def test_a_day_that_a_country_skipped_has_no_window() -> None:
    apia = day("Pacific/Apia")
    assert apia.window_at(at("2011-12-30T09:59:59")) == span("2011-12-29T10:00", "2011-12-30T10:00")
    assert apia.window_at(at("2011-12-30T10:00")) == span("2011-12-30T10:00", "2011-12-31T10:00")


def test_an_instant_that_shows_a_date_before_its_day_begins_lies_in_the_day_before() -> None:
    # In 1919 half past eleven became half past midnight; no zone has done so since 1970.
    toronto = day("America/Toronto")
    assert toronto.window_at(at("1919-03-31T04:45")) == span("1919-03-30T05:00", "1919-03-31T05:00")
    assert toronto.window_at(at("1919-03-31T05:00")).start == at("1919-03-31T05:00")


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Asia/Kolkata", "2026-05-04T18:30", "2026-05-05T18:30"),
        ("Asia/Kathmandu", "2026-05-04T18:15", "2026-05-05T18:15"),
        ("Pacific/Chatham", "2026-05-04T11:15", "2026-05-05T11:15"),
        ("America/St_Johns", "2026-05-05T02:30", "2026-05-06T02:30"),
    ],
)
def test_zones_of_half_and_quarter_hours_have_their_own_midnight(
    zone: str, start: str, end: str
) -> None:
    assert day(zone).window_at(at(start)) == span(start, end)


@pytest.mark.parametrize(
    ("week_start", "instant", "start", "end"),
    [
        (0, "2026-11-18", "2026-11-16", "2026-11-23"),
        (0, "2026-11-22T23:59:59", "2026-11-16", "2026-11-23"),
        (0, "2026-11-23", "2026-11-23", "2026-11-30"),
        (6, "2026-11-18", "2026-11-15", "2026-11-22"),
        (6, "2026-11-21T23:59:59", "2026-11-15", "2026-11-22"),
        (6, "2026-11-22", "2026-11-22", "2026-11-29"),
        (5, "2026-11-18", "2026-11-14", "2026-11-21"),
    ],
)
def test_weeks_begin_on_monday_or_on_the_day_that_the_policy_says(
    week_start: int, instant: str, start: str, end: str
) -> None:
    grid = CalendarGrid(Unit.WEEK, ZoneInfo("UTC"), week_start=week_start)
    assert grid.window_at(at(instant)) == span(start, end)


def test_a_week_in_which_clocks_change_is_an_hour_longer() -> None:
    grid = CalendarGrid(Unit.WEEK, ZoneInfo("Europe/Berlin"))
    assert grid.window_at(at("2026-10-23")) == span("2026-10-18T22:00", "2026-10-25T23:00")


@pytest.mark.parametrize(
    ("unit", "count", "zone", "instant", "start", "end"),
    [
        (Unit.MONTH, 1, "UTC", "2026-02-28T23:59:59", "2026-02-01", "2026-03-01"),
        (Unit.MONTH, 1, "UTC", "2028-02-29T23:59:59", "2028-02-01", "2028-03-01"),
        (Unit.MONTH, 1, "UTC", "2026-12-31", "2026-12-01", "2027-01-01"),
        (Unit.MONTH, 1, "Asia/Tokyo", "2026-01-31T15:00", "2026-01-31T15:00", "2026-02-28T15:00"),
        (
            Unit.MONTH,
            1,
            "Europe/Berlin",
            "2026-03-15",
            "2026-02-28T23:00",
            "2026-03-31T22:00",
        ),
        (
            Unit.MONTH,
            1,
            "Pacific/Apia",
            "2011-12-15",
            "2011-12-01T10:00",
            "2011-12-31T10:00",
        ),
        (Unit.MONTH, 3, "UTC", "2026-11-18", "2026-10-01", "2027-01-01"),
        (Unit.MONTH, 3, "UTC", "2026-03-31T23:59:59", "2026-01-01", "2026-04-01"),
        (Unit.YEAR, 1, "UTC", "2028-02-29", "2028-01-01", "2029-01-01"),
    ],
)
def test_months_quarters_and_years_begin_on_their_first_day(
    unit: Unit, count: int, zone: str, instant: str, start: str, end: str
) -> None:
    assert CalendarGrid(unit, ZoneInfo(zone), count).window_at(at(instant)) == span(start, end)


@pytest.mark.parametrize(
    ("seconds", "start", "end"),
    [
        (60, "2026-11-18T12:34", "2026-11-18T12:35"),
        (3600, "2026-11-18T12:00", "2026-11-18T13:00"),
    ],
)
def test_minutes_and_hours_are_counted_in_utc(seconds: int, start: str, end: str) -> None:
    grid = FixedGrid(timedelta(seconds=seconds))
    assert grid.window_at(at("2026-11-18T12:34:56.789")) == span(start, end)
    assert grid.window_at(at(start)) == span(start, end)
    assert grid.window_at(at(end)).start == at(end)


@given(grids, instants)
def test_the_window_of_an_instant_holds_it(grid: CalendarGrid, instant: datetime) -> None:
    window = grid.window_at(instant)
    assert window.start <= instant < window.end


@given(grids, instants)
def test_calendar_windows_tile_time(grid: CalendarGrid, instant: datetime) -> None:
    window = grid.window_at(instant)
    assert grid.window_at(window.start) == window
    assert grid.window_at(window.end - SECOND) == window
    assert grid.window_at(window.end).start == window.end
    assert grid.window_at(window.start - SECOND).end == window.start


@given(grids, instants)
def test_a_calendar_window_begins_with_the_first_instant_of_a_local_day(
    grid: CalendarGrid, instant: datetime
) -> None:
    start = grid.window_at(instant).start
    assert (start - SECOND).astimezone(grid.zone).date() < start.astimezone(grid.zone).date()


def test_the_days_of_every_zone_tile_the_weeks_in_which_its_clocks_change() -> None:
    failed = {
        name: what
        for name in available_timezones() - {"Factory", "localtime"}
        for change in _changes(ZoneInfo(name))
        if (what := _what_is_wrong_round(change, day(name)))
    }
    assert failed == {}


def _what_is_wrong_round(change: datetime, grid: CalendarGrid) -> str | None:
    window = grid.window_at(change - timedelta(days=2))
    dates: list[date] = []
    while window.start < change + timedelta(days=2):
        following = grid.window_at(window.end)
        if following.start != window.end:
            return f"gap or overlap at {window.end}"
        if not timedelta(hours=21) <= window.end - window.start <= timedelta(hours=27):
            return f"{window} is no day"
        dates.append((window.end - SECOND).astimezone(grid.zone).date())
        window = following
    return None if len(dates) == len(set(dates)) else f"a date twice in {dates}"


def _changes(zone: ZoneInfo) -> list[datetime]:
    """Return roughly when the zone's clocks change from 2024 to 2027."""
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(0, 4 * 365, 7)]
    offsets = [each.astimezone(zone).utcoffset() for each in days]
    return [
        each + timedelta(days=offset)
        for each, before, after in zip(days, offsets, offsets[1:], strict=False)
        if before != after
        for offset in (2, 5)
    ]
