"""Allowances and the provider's own periods: one for each that is paid and not cut short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.provider_events import add_catalogue, send_event
from tests.stripe_payloads import PLUS, seconds

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTHLY, YEARLY = timedelta(days=31), timedelta(days=365)


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.check()


def updated(number: int, start: datetime, end: datetime, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(PLUS, start, end, metadata={"userId": "ada"}, **fields)
    return stripe.event("customer.subscription.updated", about, f"evt_{number:03}", start)


def used(env: Environment) -> tuple[int, int]:
    """Return the limit of the period and what is used of it."""
    limit, _, used_ = row(env.check())[:3]
    return limit, used_


def remaining(env: Environment) -> int:
    decision = env.check(by=None)
    return next(each.remaining for each in decision.usages if each.window == "period")


def test_switching_between_month_and_year_every_20_minutes_gives_one_allowance(
    env: Environment,
) -> None:
    given = 0
    for number in range(5):
        env.now = START + number * 20 * MINUTE
        length = YEARLY if number % 2 else MONTHLY
        send_event(env, updated(number, env.now, env.now + length))
        if left := remaining(env):
            given += left
            env.generate(credits=left, by=None)
    assert given == 100
    assert remaining(env) == 0
    last = env.now
    env.now = last + MONTHLY
    send_event(env, updated(9, env.now, env.now + MONTHLY))
    assert remaining(env) == 100, "the last one was not cut short"
    assert_counters_match_records(env.db)


def test_a_switch_takes_along_what_is_held(env: Environment) -> None:
    send_event(env, updated(1, START, START + MONTHLY))
    opened = env.create(credits=100, by=None)
    env.now = START + 5 * MINUTE
    send_event(env, updated(2, env.now, env.now + YEARLY))
    assert remaining(env) == 0
    env.report(opened, "failed", by=None)
    assert remaining(env) == 100


def test_a_subscription_that_is_given_up_and_bought_again_is_one_allowance(
    env: Environment,
) -> None:
    send_event(env, updated(1, START, START + MONTHLY))
    env.generate(credits=100, by=None)
    ended = {"status": "canceled", "ended_at": seconds(START + HOUR)}
    send_event(env, updated(2, START, START + MONTHLY, **ended))
    env.now = START + 2 * HOUR
    send_event(env, updated(3, env.now, env.now + MONTHLY, id_="sub_2"))
    assert remaining(env) == 0


def test_a_renewal_a_little_early_is_a_whole_allowance(env: Environment) -> None:
    send_event(env, updated(1, START, START + MONTHLY))
    env.generate(credits=100, by=None)
    env.now = START + MONTHLY - 6 * HOUR
    send_event(env, updated(2, env.now, env.now + MONTHLY))
    assert remaining(env) == 100


def test_a_month_and_a_week_of_a_store_are_an_allowance_each(env: Environment) -> None:
    week = timedelta(days=7)
    for number in range(3):
        env.now = START + number * week
        event = revenuecat.event("RENEWAL", f"r{number}", env.now, env.now, env.now + week)
        send_event(env, event)
        assert remaining(env) == 100
        env.generate(credits=100, by=None)
    assert remaining(env) == 0


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
    env: Environment,
) -> None:
    env.now = FEBRUARY_28
    send_event(env, of_day_31(1, FEBRUARY_28, MARCH_31))
    env.generate(credits=100, by=None)
    env.now = datetime(2027, 3, 29, 12, tzinfo=UTC)
    assert remaining(env) == 0
    assert env.user()["nextResetDate"] == MARCH_31
    env.now = MARCH_31 + HOUR
    send_event(env, of_day_31(2, MARCH_31, APRIL_30))
    assert remaining(env) == 100


def test_a_renewal_that_is_reported_late_ends_where_the_provider_says_too(
    env: Environment,
) -> None:
    env.now = FEBRUARY_28
    send_event(env, of_day_31(1, FEBRUARY_28, MARCH_31))
    env.now = MARCH_31 + 2 * HOUR
    env.generate(credits=40, by=None)
    send_event(env, of_day_31(2, MARCH_31, APRIL_30))
    assert remaining(env) == 60
    env.generate(credits=60, by=None)
    env.now = APRIL_30 - HOUR
    assert remaining(env) == 0
    env.now = APRIL_30 + HOUR
    send_event(env, of_day_31(3, APRIL_30, datetime(2027, 5, 31, 9, tzinfo=UTC)))
    assert remaining(env) == 100


def test_a_month_that_the_provider_lengthens_is_one_allowance(env: Environment) -> None:
    send_event(env, updated(1, START, START + MONTHLY))
    env.generate(credits=100, by=None)
    env.now = START + DAY
    later = updated(2, START, START + MONTHLY + 2 * DAY)
    send_event(env, {**later, "created": seconds(START + DAY)})
    env.now = START + MONTHLY + DAY
    assert remaining(env) == 0


def test_a_year_steps_monthly(env: Environment) -> None:
    send_event(env, updated(1, START, START + YEARLY))
    env.generate(credits=100, by=None)
    env.now = datetime(2027, 4, 15, 9, tzinfo=UTC)
    assert remaining(env) == 100
