"""At the pace so far, does a limit run out before it resets?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Window
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.forecast import Forecast, forecast_usage
from tests.unit.samples import at

JUNE = LimitUsage(Window.MONTH, None, at("2026-06-01"), at("2026-07-01"), 30, 0, 0)
NEVER = Forecast(runs_out=False, at=None)


@pytest.mark.parametrize(
    ("used", "now", "runs_out_at"),
    [
        (10, "2026-06-11", None),  # one a day: the thirtieth is the reset's own instant
        (11, "2026-06-11", "2026-06-28T06:32:43"),
        (20, "2026-06-11", "2026-06-16"),
        (29, "2026-06-02", "2026-06-02T00:49:39"),
        (1, "2026-06-30", None),
    ],
)
def test_the_pace_since_the_window_began_goes_on(
    used: int, now: str, runs_out_at: str | None
) -> None:
    expected = Forecast(runs_out=True, at=at(runs_out_at)) if runs_out_at else NEVER
    assert forecast_usage(replace(JUNE, used=used), at(now)) == expected


def test_what_is_reserved_counts_like_what_is_used() -> None:
    row = replace(JUNE, used=5, reserved=15)
    assert forecast_usage(row, at("2026-06-11")) == Forecast(runs_out=True, at=at("2026-06-16"))


def test_what_has_run_out_has_run_out_now() -> None:
    now = at("2026-06-11T10:00:00.5")
    assert forecast_usage(replace(JUNE, used=30), now) == Forecast(runs_out=True, at=now)
    assert forecast_usage(replace(JUNE, limit=0), now) == Forecast(runs_out=True, at=now)


def test_who_has_used_nothing_runs_out_of_nothing() -> None:
    assert forecast_usage(JUNE, at("2026-06-29")) == NEVER


def test_what_has_no_limit_has_no_forecast() -> None:
    assert forecast_usage(replace(JUNE, limit=-1, used=10), at("2026-06-11")) is None
    assert forecast_usage(None, at("2026-06-11")) is None


@pytest.mark.parametrize("limit", [100_000, 10**9, 2**63 - 1])
def test_a_limit_that_lasts_beyond_the_calendar_does_not_run_out(limit: int) -> None:
    assert forecast_usage(replace(JUNE, limit=limit, used=1), at("2026-06-30")) == NEVER


@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.integers(0, 1000),
    st.timedeltas(timedelta(), timedelta(days=30) - timedelta(microseconds=1)),
)
def test_it_runs_out_between_now_and_the_reset_or_not_at_all(
    limit: int, used: int, reserved: int, gone: timedelta
) -> None:
    row = replace(JUNE, limit=limit, used=used, reserved=reserved)
    now = JUNE.start + gone
    ahead = forecast_usage(row, now)
    assert ahead
    assert ahead.runs_out is (ahead.at is not None)
    if ahead.at:
        assert now - timedelta(seconds=1) < ahead.at < JUNE.resets_at
