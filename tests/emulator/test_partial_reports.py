"""Events that report a part of a subscription's facts: what they do not name stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.environment import START
from tests.emulator.event_permutations import environments_of
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.revenuecat_payloads import milliseconds
from tests.stripe_payloads import MONTH, PLUS, PRO

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = START + MONTH
MAY_1 = datetime(2027, 5, 1, 9, tzinfo=UTC)
ADA = {"metadata": {"userId": "ada"}}


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.check()


def of_stripe(number: int, at: datetime, price: str = PLUS, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(price, **{**ADA, **fields})
    return stripe.event("customer.subscription.updated", about, f"evt_{number}", at)


BOUGHT = revenuecat.event("INITIAL_PURCHASE", "r1", START)
ISSUE = revenuecat.event(
    "BILLING_ISSUE", "r2", END, grace_period_expiration_at_ms=milliseconds(MAY_1)
)


@pytest.mark.parametrize("later", [timedelta(), timedelta(seconds=1)])
def test_the_cancellation_that_comes_with_a_billing_issue_does_not_end_its_grace(
    later: timedelta,
) -> None:
    pair = revenuecat.event("CANCELLATION", "r3", END + later, cancel_reason="BILLING_ERROR")
    for env in environments_of([BOUGHT, ISSUE, pair], END + 5 * DAY):
        assert plan_and_limit(env) == ("plus", 100)
        env.now = MAY_1 + DAY
        assert plan_and_limit(env) == ("free", 10)


@pytest.mark.parametrize("why", ["UNSUBSCRIBE", "UNKNOWN", "PRICE_INCREASE"])
def test_giving_up_in_a_time_of_grace_keeps_the_grace(why: str) -> None:
    given_up = revenuecat.event("CANCELLATION", "r3", END + HOUR, cancel_reason=why)
    for env in environments_of([BOUGHT, ISSUE, given_up], END + 5 * DAY):
        assert plan_and_limit(env) == ("plus", 100)


def test_the_grace_of_an_old_period_does_not_lengthen_the_one_bought_since() -> None:
    renewed = revenuecat.event("RENEWAL", "r3", END + DAY, END + DAY, END + 8 * DAY)
    over = END + 9 * DAY + HOUR
    for env in environments_of([BOUGHT, ISSUE, renewed], over):
        assert plan_and_limit(env) == ("free", 10), "the week is over, though May 1 is not"


@pytest.mark.parametrize("grace_hours", [None, 0])
def test_an_upgrade_that_was_declined_keeps_what_was_paid_for_and_gives_nothing_more(
    grace_hours: int | None,
) -> None:
    declined = of_stripe(2, START + 5 * DAY, PRO, status="past_due")
    patience = None if grace_hours is None else timedelta(hours=grace_hours)
    for env in environments_of(
        [of_stripe(1, START), declined], START + 6 * DAY, past_due_grace=patience
    ):
        assert plan_and_limit(env) == ("plus", 100)
        env.now = END - HOUR
        assert plan_and_limit(env) == ("plus", 100)
        send_event(env, of_stripe(3, START + 7 * DAY, PRO))
        assert plan_and_limit(env) == ("pro", 1000)


def test_an_upgrade_with_a_period_of_its_own_that_was_declined_leaves_the_paid_one(
    env: Environment,
) -> None:
    env.set_policy(past_due_grace=timedelta(0))
    later = START + 5 * DAY
    send_event(env, of_stripe(1, START))
    env.now = later + HOUR
    send_event(env, of_stripe(2, later, PRO, start=later, status="past_due"))
    assert plan_and_limit(env) == ("plus", 100)
    assert env.user()["subscription"]["currentPeriodEnd"] == END
    env.now = END + HOUR
    assert plan_and_limit(env) == ("free", 10)


def test_an_unpaid_renewal_gives_the_plan_that_was_paid_before_if_that_is_less(
    env: Environment,
) -> None:
    send_event(env, of_stripe(1, START))
    env.now = END + HOUR
    send_event(env, of_stripe(2, END, PRO, start=END, status="past_due"))
    assert plan_and_limit(env) == ("plus", 100)


def test_a_copy_that_leaves_out_the_cancellation_says_nothing_of_it(env: Environment) -> None:
    send_event(env, of_stripe(1, START, cancel_at_period_end=True))
    bare = of_stripe(2, START + HOUR)
    for name in ("cancel_at", "cancel_at_period_end"):
        del bare["data"]["object"][name]
    send_event(env, bare)
    assert env.user()["subscription"]["cancelAtPeriodEnd"] is True
    send_event(env, of_stripe(3, START + 2 * HOUR))
    assert env.user()["subscription"]["cancelAtPeriodEnd"] is False
