"""Allowances and the provider's own periods: one for each that is paid and not cut short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.books import assert_books_balance
from tests.emulator.shop import open_shop, tell
from tests.emulator.world import START, row
from tests.stripe_payloads import PLUS, seconds

if TYPE_CHECKING:
    from tests.emulator.world import World

Json = dict[str, Any]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTHLY, YEARLY = timedelta(days=31), timedelta(days=365)


@pytest.fixture(autouse=True)
def shop(world: World) -> None:
    open_shop(world)
    world.check()


def updated(number: int, start: datetime, end: datetime, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(PLUS, start, end, metadata={"userId": "ada"}, **fields)
    return stripe.event("customer.subscription.updated", about, f"evt_{number:03}", start)


def used(world: World) -> tuple[int, int]:
    """Return the limit of the period and what is used of it."""
    limit, _, used_ = row(world.check())[:3]
    return limit, used_


def remaining(world: World) -> int:
    decision = world.check(by=None)
    return next(each.remaining for each in decision.usages if each.window == "period")


def test_switching_between_month_and_year_every_20_minutes_gives_one_allowance(
    world: World,
) -> None:
    given = 0
    for number in range(5):
        world.now = START + number * 20 * MINUTE
        length = YEARLY if number % 2 else MONTHLY
        tell(world, updated(number, world.now, world.now + length))
        if left := remaining(world):
            given += left
            world.generate(credits=left, by=None)
    assert given == 100
    assert remaining(world) == 0
    last = world.now
    world.now = last + MONTHLY
    tell(world, updated(9, world.now, world.now + MONTHLY))
    assert remaining(world) == 100, "the last one was not cut short"
    assert_books_balance(world.db)


def test_a_switch_takes_along_what_is_held(world: World) -> None:
    tell(world, updated(1, START, START + MONTHLY))
    opened = world.create(credits=100, by=None)
    world.now = START + 5 * MINUTE
    tell(world, updated(2, world.now, world.now + YEARLY))
    assert remaining(world) == 0
    world.report(opened, "failed", by=None)
    assert remaining(world) == 100


def test_a_subscription_that_is_given_up_and_bought_again_is_one_allowance(world: World) -> None:
    tell(world, updated(1, START, START + MONTHLY))
    world.generate(credits=100, by=None)
    ended = {"status": "canceled", "ended_at": seconds(START + HOUR)}
    tell(world, updated(2, START, START + MONTHLY, **ended))
    world.now = START + 2 * HOUR
    tell(world, updated(3, world.now, world.now + MONTHLY, id_="sub_2"))
    assert remaining(world) == 0


def test_a_renewal_a_little_early_is_a_whole_allowance(world: World) -> None:
    tell(world, updated(1, START, START + MONTHLY))
    world.generate(credits=100, by=None)
    world.now = START + MONTHLY - 6 * HOUR
    tell(world, updated(2, world.now, world.now + MONTHLY))
    assert remaining(world) == 100


def test_a_month_and_a_week_of_a_store_are_an_allowance_each(world: World) -> None:
    week = timedelta(days=7)
    for number in range(3):
        world.now = START + number * week
        told = revenuecat.event("RENEWAL", f"r{number}", world.now, world.now, world.now + week)
        tell(world, told)
        assert remaining(world) == 100
        world.generate(credits=100, by=None)
    assert remaining(world) == 0


FEBRUARY_28 = datetime(2027, 2, 28, 9, tzinfo=UTC)
MARCH_31 = datetime(2027, 3, 31, 9, tzinfo=UTC)
APRIL_30 = datetime(2027, 4, 30, 9, tzinfo=UTC)


def of_day_31(number: int, start: datetime, end: datetime) -> Json:
    return updated(
        number,
        start,
        end,
        billing_cycle_anchor=seconds(FEBRUARY_28),
        billing_cycle_anchor_config={"day_of_month": 31},
    )


def test_inside_a_month_of_the_provider_the_period_ends_where_the_provider_says(
    world: World,
) -> None:
    world.now = FEBRUARY_28
    tell(world, of_day_31(1, FEBRUARY_28, MARCH_31))
    world.generate(credits=100, by=None)
    world.now = datetime(2027, 3, 29, 12, tzinfo=UTC)
    assert remaining(world) == 0
    assert world.user()["nextResetDate"] == MARCH_31
    world.now = MARCH_31 + HOUR
    tell(world, of_day_31(2, MARCH_31, APRIL_30))
    assert remaining(world) == 100


def test_a_renewal_that_is_reported_late_ends_where_the_provider_says_too(world: World) -> None:
    world.now = FEBRUARY_28
    tell(world, of_day_31(1, FEBRUARY_28, MARCH_31))
    world.now = MARCH_31 + 2 * HOUR
    world.generate(credits=40, by=None)
    tell(world, of_day_31(2, MARCH_31, APRIL_30))
    assert remaining(world) == 60
    world.generate(credits=60, by=None)
    world.now = APRIL_30 - HOUR
    assert remaining(world) == 0
    world.now = APRIL_30 + HOUR
    tell(world, of_day_31(3, APRIL_30, datetime(2027, 5, 31, 9, tzinfo=UTC)))
    assert remaining(world) == 100


def test_a_month_that_the_provider_lengthens_is_one_allowance(world: World) -> None:
    tell(world, updated(1, START, START + MONTHLY))
    world.generate(credits=100, by=None)
    world.now = START + DAY
    later = updated(2, START, START + MONTHLY + 2 * DAY)
    tell(world, {**later, "created": seconds(START + DAY)})
    world.now = START + MONTHLY + DAY
    assert remaining(world) == 0


def test_a_year_steps_monthly(world: World) -> None:
    tell(world, updated(1, START, START + YEARLY))
    world.generate(credits=100, by=None)
    world.now = datetime(2027, 4, 15, 9, tzinfo=UTC)
    assert remaining(world) == 100
