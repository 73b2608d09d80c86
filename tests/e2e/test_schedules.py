"""The scheduled functions, run through the trigger that the functions emulator gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def gone(play: Callable[[str], Facts]) -> Facts:
    return play("goneAway")


def period(user: Facts) -> tuple[int, int, int]:
    [window] = [each for each in user["usage"]["windows"] if each["window"] == "period"]
    return window["limit"], window["used"], window["reserved"]


def test_a_user_leaves_one_generation_open(gone: Facts) -> None:
    assert period(gone["left"]) == (10, 1, 1)


def test_a_listener_of_a_day_without_use_is_told_so_and_sees_the_day_when_it_is_there(
    gone: Facts,
) -> None:
    assert gone["day"] == [False, True]


def test_expire_generations_gives_the_credit_back_and_closes_the_record(gone: Facts) -> None:
    assert period(gone["swept"]) == (10, 1, 0)
    assert gone["statuses"] == ["expired", "success"]


def test_reset_periods_starts_the_next_period_of_a_user_who_stays_away(gone: Facts) -> None:
    assert period(gone["reset"]) == (10, 0, 0)
    assert gone["swept"]["currentPeriodCount"] == 1
    assert gone["reset"]["currentPeriodCount"] == 0
    assert gone["reset"]["generatedCount"] == 1
