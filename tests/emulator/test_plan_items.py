"""Subscriptions of several items: the plan, its period and its end are those of the item that is a plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import stripe_payloads as stripe
from tests.emulator.orders import worlds_of
from tests.emulator.shop import open_shop, stands, tell
from tests.emulator.world import START
from tests.stripe_payloads import MONTH, PLUS, PRO, seconds

if TYPE_CHECKING:
    from tests.emulator.world import World

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = datetime(2027, 4, 15, 9, tzinfo=UTC)
MARCH_2028 = datetime(2028, 3, 15, 9, tzinfo=UTC)
STORAGE = "price_storage_year"


@pytest.fixture(autouse=True)
def shop(world: World) -> None:
    open_shop(world)
    world.plan("max", limits={"period": 5000}, rank=3, products={"stripe": ["prod_max"]})


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


def test_a_yearly_item_that_is_no_plan_does_not_lengthen_a_monthly_plan(world: World) -> None:
    tell(world, WITH_STORAGE)
    assert stands(world) == ("plus", 100)
    assert world._read("subscriptions/sub_1")["currentPeriodEnd"] == END
    world.now = END + 2 * DAY
    assert stands(world) == ("free", 10)


def test_a_plan_that_was_taken_out_of_its_subscription_is_gone() -> None:
    for world in worlds_of([WITH_STORAGE, STORAGE_ALONE], START + 3 * HOUR):
        assert stands(world) == ("free", 10)


def test_the_plan_of_an_invoice_counts_and_not_the_longest_of_its_periods(world: World) -> None:
    tell(world, WITH_STORAGE)
    renewal = stripe.invoice(END, END + 30 * DAY)
    (line,) = renewal["lines"]["data"]
    details = {"price_details": {"price": PLUS, "product": f"prod_{PLUS}"}}
    other = {"price_details": {"price": STORAGE, "product": "prod_storage"}}
    year = {"start": seconds(START), "end": seconds(MARCH_2028)}
    renewal["lines"]["data"] = [
        {**line, "type": "type", "pricing": details},
        {**line, "period": year, "pricing": other},
    ]
    world.now = END + HOUR
    tell(world, stripe.event("invoice.paid", renewal, "evt_5", END))
    assert world._read("subscriptions/sub_1")["currentPeriodEnd"] == END + 30 * DAY


def test_a_line_of_an_invoice_of_which_there_is_none_counts_for_nothing(world: World) -> None:
    tell(world, updated(1, item(PLUS), item(PRO, quantity=0)))
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
        tell(world, stripe.event("invoice.paid", renewal, f"evt_{number}", END))
        assert world._read("subscriptions/sub_1")["currentPeriodEnd"] == END + 30 * DAY
    world.now = END + 20 * DAY
    assert stands(world) == ("plus", 100)


@pytest.mark.parametrize("gone", [{"quantity": 0}, {"deleted": True}])
def test_an_item_of_which_there_is_none_gives_nothing(world: World, gone: Json) -> None:
    tell(world, updated(1, item(PLUS), item(PRO, **gone)))
    assert stands(world) == ("plus", 100)
    tell(world, updated(2, item(PLUS, **gone)))
    assert stands(world) == ("free", 10)


def test_a_plan_may_be_named_by_the_product_beside_one_that_is_named_by_the_price(
    world: World,
) -> None:
    maximum = item("price_of_max")
    maximum["price"]["product"] = "prod_max"
    tell(world, updated(1, item(PLUS), maximum))
    assert stands(world) == ("max", 5000)


def test_a_metered_item_without_quantity_counts(world: World) -> None:
    metered = item(PRO)
    del metered["quantity"]
    tell(world, updated(1, item(PLUS), metered))
    assert stands(world) == ("pro", 1000)


def test_an_item_in_the_form_of_an_old_api_is_known_by_its_plan(world: World) -> None:
    old = item(PLUS)
    old["plan"] = {"id": old.pop("price")["id"], "object": "plan", "product": "prod_old"}
    tell(world, updated(1, old))
    assert stands(world) == ("plus", 100)


MARCH_25 = datetime(2027, 3, 25, 9, tzinfo=UTC)


def test_an_end_in_the_middle_of_the_period_is_the_end_and_get_usage_says_so() -> None:
    events = [updated(1, item(PLUS)), updated(2, item(PLUS), cancel_at=seconds(MARCH_25))]
    for world in worlds_of(events, START + 3 * HOUR):
        subscription = world.usage()[0].account.subscription
        assert subscription is not None
        assert (subscription.current_period_end, subscription.cancel_at_period_end) == (
            MARCH_25,
            True,
        )
        assert world._read("subscriptions/sub_1")["currentPeriodEnd"] == MARCH_25
        world.now = MARCH_25 - HOUR
        assert stands(world) == ("plus", 100)
        world.now = MARCH_25
        assert stands(world) == ("free", 10)


def test_an_end_that_is_taken_back_is_none(world: World) -> None:
    tell(world, updated(1, item(PLUS), cancel_at=seconds(MARCH_25)))
    tell(world, updated(2, item(PLUS)))
    world.now = MARCH_25 + DAY
    assert stands(world) == ("plus", 100)


def test_an_end_in_a_later_period_changes_nothing_yet(world: World) -> None:
    tell(world, updated(1, item(PLUS), cancel_at=seconds(END + 2 * MONTH)))
    assert world.user()["subscription"]["cancelAtPeriodEnd"] is False
    world.now = END + 12 * HOUR
    assert stands(world) == ("plus", 100), "news of the renewal may be late"
