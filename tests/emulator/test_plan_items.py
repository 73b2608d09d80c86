"""Subscriptions of several items: the plan, its period and its end are those of the item that is a plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import stripe_payloads as stripe
from tests.emulator.environment import START
from tests.emulator.event_permutations import environments_of
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.stripe_payloads import MONTH, PLUS, PRO, seconds

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = datetime(2027, 4, 15, 9, tzinfo=UTC)
MARCH_2028 = datetime(2028, 3, 15, 9, tzinfo=UTC)
STORAGE = "price_storage_year"


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.plan("max", limits={"period": 5000}, rank=3, products={"stripe": ["prod_max"]})


def updated(number: int, *items: Json, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(metadata={"userId": "ada"}, **fields)
    about["items"]["data"] = list(items)
    return stripe.event(
        "customer.subscription.updated", about, f"evt_{number}", START + number * HOUR
    )


def item(price: str, end: datetime = END, **fields: Any) -> Json:  # noqa: ANN401
    return {**stripe.item(price, START, end), **fields}


WITH_STORAGE = updated(1, item(PLUS), item(STORAGE, MARCH_2028))
STORAGE_ALONE = updated(2, item(STORAGE, MARCH_2028))


def test_a_yearly_item_that_is_no_plan_does_not_lengthen_a_monthly_plan(
    env: Environment,
) -> None:
    send_event(env, WITH_STORAGE)
    assert plan_and_limit(env) == ("plus", 100)
    assert env._read("subscriptions/sub_1")["currentPeriodEnd"] == END
    env.now = END + 2 * DAY
    assert plan_and_limit(env) == ("free", 10)


def test_a_plan_that_was_taken_out_of_its_subscription_is_gone() -> None:
    for env in environments_of([WITH_STORAGE, STORAGE_ALONE], START + 3 * HOUR):
        assert plan_and_limit(env) == ("free", 10)


def test_the_plan_of_an_invoice_counts_and_not_the_longest_of_its_periods(
    env: Environment,
) -> None:
    send_event(env, WITH_STORAGE)
    renewal = stripe.invoice(END, END + 30 * DAY)
    (line,) = renewal["lines"]["data"]
    details = {"price_details": {"price": PLUS, "product": f"prod_{PLUS}"}}
    other = {"price_details": {"price": STORAGE, "product": "prod_storage"}}
    year = {"start": seconds(START), "end": seconds(MARCH_2028)}
    renewal["lines"]["data"] = [
        {**line, "type": "type", "pricing": details},
        {**line, "period": year, "pricing": other},
    ]
    env.now = END + HOUR
    send_event(env, stripe.event("invoice.paid", renewal, "evt_5", END))
    assert env._read("subscriptions/sub_1")["currentPeriodEnd"] == END + 30 * DAY


def test_a_line_of_an_invoice_of_which_there_is_none_counts_for_nothing(
    env: Environment,
) -> None:
    send_event(env, updated(1, item(PLUS), item(PRO, quantity=0)))
    renewal = stripe.invoice(END, END + 30 * DAY)
    (line,) = renewal["lines"]["data"]
    plus = {"price_details": {"price": PLUS, "product": f"prod_{PLUS}"}}
    pro = {"price_details": {"price": PRO, "product": f"prod_{PRO}"}}
    week = {"start": seconds(END), "end": seconds(END + 7 * DAY)}
    lines = [
        {**line, "quantity": 1, "pricing": plus},
        {**line, "quantity": 0, "amount": 0, "period": week, "pricing": pro},
    ]
    for number, found in enumerate((lines, lines[1:]), 5):
        renewal["lines"]["data"] = found
        send_event(env, stripe.event("invoice.paid", renewal, f"evt_{number}", END))
        assert env._read("subscriptions/sub_1")["currentPeriodEnd"] == END + 30 * DAY
    env.now = END + 20 * DAY
    assert plan_and_limit(env) == ("plus", 100)


@pytest.mark.parametrize("gone", [{"quantity": 0}, {"deleted": True}])
def test_an_item_of_which_there_is_none_gives_nothing(env: Environment, gone: Json) -> None:
    send_event(env, updated(1, item(PLUS), item(PRO, **gone)))
    assert plan_and_limit(env) == ("plus", 100)
    send_event(env, updated(2, item(PLUS, **gone)))
    assert plan_and_limit(env) == ("free", 10)


def test_a_plan_may_be_named_by_the_product_beside_one_that_is_named_by_the_price(
    env: Environment,
) -> None:
    maximum = item("price_of_max")
    maximum["price"]["product"] = "prod_max"
    send_event(env, updated(1, item(PLUS), maximum))
    assert plan_and_limit(env) == ("max", 5000)


def test_a_metered_item_without_quantity_counts(env: Environment) -> None:
    metered = item(PRO)
    del metered["quantity"]
    send_event(env, updated(1, item(PLUS), metered))
    assert plan_and_limit(env) == ("pro", 1000)


def test_an_item_in_the_form_of_an_old_api_is_known_by_its_plan(env: Environment) -> None:
    old = item(PLUS)
    old["plan"] = {"id": old.pop("price")["id"], "object": "plan", "product": "prod_old"}
    send_event(env, updated(1, old))
    assert plan_and_limit(env) == ("plus", 100)


MARCH_25 = datetime(2027, 3, 25, 9, tzinfo=UTC)


def test_an_end_in_the_middle_of_the_period_is_the_end_and_get_usage_says_so() -> None:
    events = [updated(1, item(PLUS)), updated(2, item(PLUS), cancel_at=seconds(MARCH_25))]
    for env in environments_of(events, START + 3 * HOUR):
        subscription = env.usage()[0].account.subscription
        assert subscription is not None
        assert (subscription.current_period_end, subscription.cancel_at_period_end) == (
            MARCH_25,
            True,
        )
        assert env._read("subscriptions/sub_1")["currentPeriodEnd"] == MARCH_25
        env.now = MARCH_25 - HOUR
        assert plan_and_limit(env) == ("plus", 100)
        env.now = MARCH_25
        assert plan_and_limit(env) == ("free", 10)


def test_an_end_that_is_taken_back_is_none(env: Environment) -> None:
    send_event(env, updated(1, item(PLUS), cancel_at=seconds(MARCH_25)))
    send_event(env, updated(2, item(PLUS)))
    env.now = MARCH_25 + DAY
    assert plan_and_limit(env) == ("plus", 100)


def test_an_end_in_a_later_period_changes_nothing_yet(env: Environment) -> None:
    send_event(env, updated(1, item(PLUS), cancel_at=seconds(END + 2 * MONTH)))
    assert env.user()["subscription"]["cancelAtPeriodEnd"] is False
    env.now = END + 12 * HOUR
    assert plan_and_limit(env) == ("plus", 100), "news of the renewal may be late"
