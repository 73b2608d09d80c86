"""An allowance belongs to what was paid, with two subscriptions at once or one that goes to another user."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.billing.use_cases.resolve_event import Answer, resolve_event
from genquota.use_cases.core.audit import Deed
from tests import revenuecat_payloads as rc
from tests import stripe_payloads as stripe
from tests.emulator.books import assert_books_balance
from tests.emulator.shop import open_shop, stands, tell
from tests.emulator.world import START
from tests.stripe_payloads import PLUS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.emulator.world import World

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=31)
COINS = {
    "product_id": "com.app.credits",
    "transaction_id": "p1",
    "original_transaction_id": "p1",
    "aliases": [],
    "original_app_user_id": "ada",
}


@pytest.fixture(autouse=True)
def shop(world: World) -> None:
    open_shop(world)


def use_up(world: World, uid: str = "ada") -> int:
    """Spend all that is left. Return how much that was."""
    (row,) = (each for each in world.check(uid, by=None).rows if each.window.value == "period")
    left = row.remaining
    if left:
        world.generate(uid, credits=left, by=None)
    return left


def stripes(number: int, start: datetime) -> dict[str, object]:
    about = stripe.subscription(PLUS, start, start + 30 * DAY, metadata={"userId": "ada"})
    return stripe.event("customer.subscription.updated", about, f"a{number}", start)


def apples(number: int, start: datetime, type_: str = "RENEWAL") -> dict[str, object]:
    return rc.event(
        type_, f"r{number}", start, start, start + 30 * DAY, transaction_id=f"t{number}"
    )


def test_of_two_subscriptions_side_by_side_each_month_is_given(world: World) -> None:
    given = []
    for number in range(4):
        world.now = START + number * 30 * DAY
        tell(world, stripes(number, world.now))
        given.append(use_up(world))
        world.now += 15 * DAY
        tell(world, apples(number, world.now))
        given.append(use_up(world))
    # What is bought while another one runs begins no period; from then on each renewal does.
    assert given == [100, 0, 100, 100, 100, 100, 100, 100]
    assert_books_balance(world.db)


def test_a_second_purchase_that_was_refunded_takes_no_month_away(world: World) -> None:
    tell(world, stripes(0, START))
    assert use_up(world) == 100
    world.now = START + 20 * DAY
    tell(world, apples(0, world.now, "INITIAL_PURCHASE"))
    bought_at, world.now = world.now, world.now + HOUR
    refund = rc.event(
        "CANCELLATION",
        "c",
        world.now,
        bought_at,
        world.now,
        transaction_id="t0",
        cancel_reason="CUSTOMER_SUPPORT",
    )
    tell(world, refund)
    assert use_up(world) == 0
    world.now = START + 30 * DAY
    tell(world, stripes(1, world.now))
    assert use_up(world) == 100


def test_what_was_used_while_a_late_renewal_was_waited_for_is_of_the_renewal(world: World) -> None:
    first = rc.event("INITIAL_PURCHASE", "r1", START, START, START + MONTH)
    tell(world, first)
    assert use_up(world) == 100
    world.now = START + MONTH + HOUR
    world.generate(credits=40, by=None)
    start, world.now = START + MONTH + timedelta(seconds=5), world.now + HOUR
    tell(world, rc.event("RENEWAL", "r2", start, start, start + MONTH, transaction_id="t2"))
    assert use_up(world) == 60
    assert_books_balance(world.db)


@pytest.mark.parametrize("has_called", [True, False], ids=["who has called", "who has not called"])
def test_one_subscription_gives_one_allowance_to_all_that_it_goes_to(
    world: World, *, has_called: bool
) -> None:
    tell(world, rc.event("INITIAL_PURCHASE", "r1", START, START, START + MONTH))
    world.generate(credits=30, by=None)
    opened = world.create("ada", credits=20, by=None)
    given, giver = [], "ada"
    for number, taker in enumerate(["ben", "cy", "ada", "ben"]):
        if has_called:
            world.check(taker, by=None)
        world.now += timedelta(minutes=1)
        tell(world, rc.transfer([giver], [taker], f"t{number}", world.now))
        if taker == "cy":
            given.append(use_up(world, "cy"))
        giver = taker
    assert given == [50], "what is held counts as used"
    assert use_up(world, "ben") == 0
    world.report(opened, "failed")
    world.now = start = START + MONTH
    ids = {"app_user_id": "ben", "original_app_user_id": "ben", "aliases": []}
    renewal = rc.event("RENEWAL", "r2", start, start, start + MONTH, transaction_id="n2", **ids)
    tell(world, renewal)
    assert use_up(world, "ben") == 100
    assert_books_balance(world.db)


def test_a_pack_stays_where_it_is_until_its_new_user_has_room(world: World) -> None:
    world.check("ben")
    bought = rc.event("NON_RENEWING_PURCHASE", "e1", START, START, None, **COINS)
    tell(world, bought)
    for number in range(100):
        world.grant(f"gift{number}", 1, uid="ben")
    world.now = START + HOUR
    transfer = rc.transfer(["ada"], ["ben"], "t1", world.now)
    told = tell(world, transfer)
    assert (told.status, told.problem) == ("unmatched", "too-many-grants")
    assert world.check("ada", by=None).grants_remaining == 50
    world.edit("ben", quota__grants={})
    resolve_event(world.context, None, "revenuecat_t1", Answer(), Deed("there is room now"))
    assert world.check("ada", by=None).grants_remaining == 0
    assert world.check("ben", by=None).grants_remaining == 50


def test_an_operators_answer_takes_no_more_than_that_event(world: World) -> None:
    world.check("ben")
    bens = {"app_user_id": "ben", "original_app_user_id": "ben", "aliases": []}
    tell(world, rc.event("INITIAL_PURCHASE", "r1", START, START, START + MONTH, **bens))
    unknown = {**bens, "product_id": "com.unknown", "transaction_id": "s2"}
    unknown["original_transaction_id"] = "s2"
    world.now = START + HOUR
    tell(
        world,
        rc.event("INITIAL_PURCHASE", "r2", world.now, world.now, world.now + MONTH, **unknown),
    )
    world.check("ada", by=None)
    answer = Answer(user_id="ada", plan_id="pro")
    resolve_event(world.context, None, "revenuecat_r2", answer, Deed("it is hers"))
    assert stands(world, "ben") == ("plus", 100)
    assert stands(world, "ada")[0] == "pro"


def test_an_operators_answer_is_of_the_plans_item_and_not_of_an_option(world: World) -> None:
    world.check("ada", by=None)
    about = stripe.subscription("price_x", START, START + MONTH, metadata={"userId": "ada"})
    about["items"]["data"].append(stripe.item("price_storage", START, START + 365 * DAY))
    tell(world, stripe.event("customer.subscription.created", about, "evt_1", START))
    resolve_event(world.context, None, "stripe_evt_1", Answer(plan_id="plus"), Deed("a plan"))
    assert world.user()["subscription"]["currentPeriodEnd"] == START + MONTH


def test_an_invoice_without_a_customer_of_something_else_changes_nothing(world: World) -> None:
    invoice = stripe.invoice()
    invoice["customer"] = None
    other = {"price_details": {"price": "price_other", "product": "prod_other"}}
    invoice["lines"]["data"][0]["pricing"] = other
    told = tell(world, stripe.event("invoice.paid", invoice, "evt_i", START))
    assert told.status in ("ignored", "unmatched")
    assert list(world.db.collection("subscriptions").stream()) == []


def test_a_refund_that_was_reversed_is_settled_also_when_the_pack_is_sold_no_more(
    world: World,
) -> None:
    tell(world, rc.event("NON_RENEWING_PURCHASE", "e1", START, START, None, **COINS))
    refund = {**COINS, "cancel_reason": "CUSTOMER_SUPPORT"}
    tell(world, rc.event("CANCELLATION", "e2", START + HOUR, START, None, **refund))
    assert world.check(by=None).grants_remaining == 0
    world.db.document("packs/small").delete()
    world.now = START + 2 * HOUR
    told = tell(world, rc.event("REFUND_REVERSED", "e3", world.now, START, None, **COINS))
    assert told.status == "processed"
    assert world.check(by=None).grants_remaining == 50


def test_an_earlier_release_s_payment_follows_no_transfer_from_before_it(world: World) -> None:
    earlier = (START - 2 * HOUR).isoformat()

    def put(path: str, uid: str, record: dict[str, object]) -> None:
        content = {"userId": uid, "record": json.dumps(record), "createdAt": START}
        world.db.document(path).set(content)

    nothing: dict[str, object] = {"subscriptions": [], "payments": [], "receipts": []}
    moved = {"value": "ben", "stamp": [earlier, "e1"]}
    adas = {"value": "ada", "stamp": [earlier, "e0"]}
    had = {**nothing, "id": "ada", "user": adas, "moves": [moved], "payments": ["p1"]}
    put("customers/revenuecat_ada", "ada", had)
    put("customers/revenuecat_ben", "ben", {**nothing, "id": "ben", "user": moved, "moves": []})
    grant = {"id": "p1", "credits": 50, "expires_at": None}
    about = {"id": "p1", "provider": "revenuecat", "user_id": "ada", "customer_id": "ada"}
    put("payments/revenuecat_p1", "ada", {**about, "grants": [grant]})
    world.grant("p1", 50)
    world.check("ben", by=None)
    kept = {"credits": 50, "purchased": True, "revokedAt": None}
    world.db.document("users/ada/grants/p1").set(kept)
    refund = {**COINS, "cancel_reason": "CUSTOMER_SUPPORT"}
    tell(world, rc.event("CANCELLATION", "e2", START + HOUR, START, None, **refund))
    tell(world, rc.event("REFUND_REVERSED", "e3", START + 2 * HOUR, START, None, **COINS))
    assert world.check("ada", by=None).grants_remaining == 50
    assert world.check("ben", by=None).grants_remaining == 0
