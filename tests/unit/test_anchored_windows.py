"""Windows that step from an anchor, as payment providers count them."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Unit
from genquota.domain.windows import AnchoredGrid
from tests.unit.samples import at, instants, span, whole_seconds

SECOND = timedelta(seconds=1)
month_ends = st.builds(
    datetime,
    st.integers(2010, 2035),
    st.sampled_from((1, 3, 5, 7, 8, 10, 12)),
    st.integers(28, 31),
    st.integers(0, 23),
    tzinfo=st.just(UTC),
)
anchors = whole_seconds | month_ends
grids = st.builds(AnchoredGrid, st.sampled_from(Unit), anchors, st.integers(1, 14))


def starts(grid: AnchoredGrid, first: str, count: int) -> list[str]:
    """Return the days on which so many windows begin, from the one that holds ``first``."""
    window = grid.window_at(at(first))
    found = []
    for _ in range(count):
        found.append(f"{window.start:%Y-%m-%d}")
        window = grid.window_at(window.end)
    return found


@pytest.mark.parametrize(
    ("anchor", "days"),
    [
        (
            "2026-01-31",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"],
        ),
        ("2028-01-31", ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2026-01-30", ["2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30"]),
        ("2028-01-30", ["2028-01-30", "2028-02-29", "2028-03-30"]),
        ("2026-01-29", ["2026-01-29", "2026-02-28", "2026-03-29"]),
        ("2028-01-29", ["2028-01-29", "2028-02-29", "2028-03-29"]),
        ("2026-10-31", ["2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
        ("2024-02-29", ["2024-02-29", "2024-03-29", "2024-04-29"]),
    ],
)
def test_months_step_from_the_anchor_itself_and_clip_to_short_months(
    anchor: str, days: list[str]
) -> None:
    assert starts(AnchoredGrid(Unit.MONTH, at(anchor)), anchor, len(days)) == days


def test_a_year_from_29_february_begins_on_28_february_unless_the_year_is_leap() -> None:
    grid = AnchoredGrid(Unit.YEAR, at("2024-02-29"))
    assert starts(grid, "2024-02-29", 5) == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]
    assert grid.window_at(at("2100-03-01")).start == at("2100-02-28")


def test_a_yearly_subscription_has_monthly_periods_all_year() -> None:
    grid = AnchoredGrid(Unit.MONTH, at("2025-08-31T09:30"))
    assert grid.window_at(at("2026-02-28T09:29:59")) == span("2026-01-31T09:30", "2026-02-28T09:30")
    assert grid.window_at(at("2026-02-28T09:30")) == span("2026-02-28T09:30", "2026-03-31T09:30")
    assert grid.window_at(at("2026-08-31T09:30")) == span("2026-08-31T09:30", "2026-09-30T09:30")


def test_an_instant_before_the_anchor_lies_in_a_window_counted_backwards() -> None:
    grid = AnchoredGrid(Unit.MONTH, at("2026-01-31"))
    assert grid.window_at(at("2026-01-30T23:59:59")) == span("2025-12-31", "2026-01-31")
    assert grid.window_at(at("2025-12-01")) == span("2025-11-30", "2025-12-31")
    assert grid.window_at(at("2024-03-15")) == span("2024-02-29", "2024-03-31")
    weeks = AnchoredGrid(Unit.WEEK, at("2026-01-31"))
    assert weeks.window_at(at("2026-01-30")) == span("2026-01-24", "2026-01-31")


def test_a_quarter_is_three_months_from_the_anchor() -> None:
    grid = AnchoredGrid(Unit.MONTH, at("2025-11-30"), 3)
    days = ["2025-11-30", "2026-02-28", "2026-05-30", "2026-08-30", "2026-11-30"]
    assert starts(grid, "2025-11-30", 5) == days
    assert grid.window_at(at("2025-11-29")) == span("2025-08-30", "2025-11-30")


@pytest.mark.parametrize(
    ("unit", "count", "end"),
    [
        (Unit.DAY, 1, "2026-03-29T15:30:07"),
        (Unit.DAY, 30, "2026-04-27T15:30:07"),
        (Unit.WEEK, 2, "2026-04-11T15:30:07"),
        (Unit.YEAR, 2, "2028-03-28T15:30:07"),
    ],
)
def test_other_units_step_from_the_anchors_own_second(unit: Unit, count: int, end: str) -> None:
    grid = AnchoredGrid(unit, at("2026-03-28T15:30:07"), count)
    assert grid.window_at(at("2026-03-28T15:30:07")) == span("2026-03-28T15:30:07", end)


def test_a_window_holds_its_start_and_not_its_end() -> None:
    grid = AnchoredGrid(Unit.MONTH, at("2026-01-31T12:00"))
    february = span("2026-02-28T12:00", "2026-03-31T12:00")
    assert grid.window_at(february.start) == february
    assert grid.window_at(february.end - timedelta(microseconds=1)) == february
    assert grid.window_at(february.end) == span("2026-03-31T12:00", "2026-04-30T12:00")


@given(grids, instants)
def test_anchored_windows_hold_their_instants_and_tile_time(
    grid: AnchoredGrid, instant: datetime
) -> None:
    window = grid.window_at(instant)
    assert window.start <= instant < window.end
    assert grid.window_at(window.start) == window
    assert grid.window_at(window.end - SECOND) == window
    assert grid.window_at(window.end).start == window.end
    assert grid.window_at(window.start - SECOND).end == window.start


@given(anchors, st.integers(1, 14), instants)
def test_months_and_years_begin_on_the_anchors_day_or_on_the_last_of_the_month(
    anchor: datetime, count: int, instant: datetime
) -> None:
    for unit, months in ((Unit.MONTH, count), (Unit.YEAR, 12 * count)):
        start = AnchoredGrid(unit, anchor, count).window_at(instant).start
        assert start.day == min(anchor.day, monthrange(start.year, start.month)[1])
        assert start.time() == anchor.time()
        assert ((start.year - anchor.year) * 12 + start.month - anchor.month) % months == 0
