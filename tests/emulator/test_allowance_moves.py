"""An allowance belongs to what was paid, with two subscriptions at once or one that goes to another user."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.billing.use_cases.resolve_event import ResolveCommand, resolve_event
from genquota.use_cases.core.request_context import AuditContext
from tests import revenuecat_payloads as rc
from tests import stripe_payloads as stripe
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.stripe_payloads import PLUS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.emulator.environment import Environment

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=31)
COINS = {
    "product_id": "com.app.credits",
    "transaction_id": "p1",
    "original_transaction_id": "p1",
    "aliases": [],
    "original_app_user_id": "ada",
}


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)


def use_up(env: Environment, uid: str = "ada") -> int:
    """Spend all that is left. Return how much that was."""
    (row,) = (each for each in env.check(uid, by=None).usages if each.window.value == "period")
    left = row.remaining
    if left:
        env.generate(uid, credits=left, by=None)
    return left


def stripes(number: int, start: datetime) -> dict[str, object]:
    about = stripe.subscription(PLUS, start, start + 30 * DAY, metadata={"userId": "ada"})
    return stripe.event("customer.subscription.updated", about, f"a{number}", start)


def apples(number: int, start: datetime, type_: str = "RENEWAL") -> dict[str, object]:
    return rc.event(
        type_, f"r{number}", start, start, start + 30 * DAY, transaction_id=f"t{number}"
    )


def test_of_two_subscriptions_side_by_side_each_month_is_given(env: Environment) -> None:
    given = []
    for number in range(4):
        env.now = START + number * 30 * DAY
        send_event(env, stripes(number, env.now))
        given.append(use_up(env))
        env.now += 15 * DAY
        send_event(env, apples(number, env.now))
        given.append(use_up(env))
    # What is bought while another one runs begins no period; from then on each renewal does.
    assert given == [100, 0, 100, 100, 100, 100, 100, 100]
    assert_counters_match_records(env.db)


def test_a_second_purchase_that_was_refunded_takes_no_month_away(env: Environment) -> None:
    send_event(env, stripes(0, START))
    assert use_up(env) == 100
    env.now = START + 20 * DAY
    send_event(env, apples(0, env.now, "INITIAL_PURCHASE"))
    bought_at, env.now = env.now, env.now + HOUR
    refund = rc.event(
        "CANCELLATION",
        "c",
        env.now,
        bought_at,
        env.now,
        transaction_id="t0",
        cancel_reason="CUSTOMER_SUPPORT",
    )
    send_event(env, refund)
    assert use_up(env) == 0
    env.now = START + 30 * DAY
    send_event(env, stripes(1, env.now))
    assert use_up(env) == 100


def test_what_was_used_while_a_late_renewal_was_waited_for_is_of_the_renewal(
    env: Environment,
) -> None:
    first = rc.event("INITIAL_PURCHASE", "r1", START, START, START + MONTH)
    send_event(env, first)
    assert use_up(env) == 100
    env.now = START + MONTH + HOUR
    env.generate(credits=40, by=None)
    start, env.now = START + MONTH + timedelta(seconds=5), env.now + HOUR
    send_event(env, rc.event("RENEWAL", "r2", start, start, start + MONTH, transaction_id="t2"))
    assert use_up(env) == 60
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("has_called", [True, False], ids=["who has called", "who has not called"])
def test_one_subscription_gives_one_allowance_to_all_that_it_goes_to(
    env: Environment, *, has_called: bool
) -> None:
    send_event(env, rc.event("INITIAL_PURCHASE", "r1", START, START, START + MONTH))
    env.generate(credits=30, by=None)
    opened = env.create("ada", credits=20, by=None)
    given, giver = [], "ada"
    for number, taker in enumerate(["ben", "cy", "ada", "ben"]):
        if has_called:
            env.check(taker, by=None)
        env.now += timedelta(minutes=1)
        send_event(env, rc.transfer([giver], [taker], f"t{number}", env.now))
        if taker == "cy":
            given.append(use_up(env, "cy"))
        giver = taker
    assert given == [50], "what is held counts as used"
    assert use_up(env, "ben") == 0
    env.report(opened, "failed")
    env.now = start = START + MONTH
    ids = {"app_user_id": "ben", "original_app_user_id": "ben", "aliases": []}
    renewal = rc.event("RENEWAL", "r2", start, start, start + MONTH, transaction_id="n2", **ids)
    send_event(env, renewal)
    assert use_up(env, "ben") == 100
    assert_counters_match_records(env.db)


def test_a_pack_stays_where_it_is_until_its_new_user_has_room(env: Environment) -> None:
    env.check("ben")
    bought = rc.event("NON_RENEWING_PURCHASE", "e1", START, START, None, **COINS)
    send_event(env, bought)
    for number in range(100):
        env.grant(f"gift{number}", 1, uid="ben")
    env.now = START + HOUR
    transfer = rc.transfer(["ada"], ["ben"], "t1", env.now)
    applied = send_event(env, transfer)
    assert (applied.status, applied.problem) == ("unmatched", "too-many-grants")
    assert env.check("ada", by=None).grants_remaining == 50
    env.edit("ben", quota__grants={})
    resolve_event(
        env.context,
        None,
        "revenuecat_t1",
        ResolveCommand(),
        AuditContext("there is room now"),
    )
    assert env.check("ada", by=None).grants_remaining == 0
    assert env.check("ben", by=None).grants_remaining == 50


def test_an_operators_answer_takes_no_more_than_that_event(env: Environment) -> None:
    env.check("ben")
    bens = {"app_user_id": "ben", "original_app_user_id": "ben", "aliases": []}
    send_event(env, rc.event("INITIAL_PURCHASE", "r1", START, START, START + MONTH, **bens))
    unknown = {**bens, "product_id": "com.unknown", "transaction_id": "s2"}
    unknown["original_transaction_id"] = "s2"
    env.now = START + HOUR
    send_event(
        env,
        rc.event(
            "INITIAL_PURCHASE",
            "r2",
            env.now,
            env.now,
            env.now + MONTH,
            **unknown,
        ),
    )
    env.check("ada", by=None)
    answer = ResolveCommand(user_id="ada", plan_id="pro")
    resolve_event(env.context, None, "revenuecat_r2", answer, AuditContext("it is hers"))
    assert plan_and_limit(env, "ben") == ("plus", 100)
    assert plan_and_limit(env, "ada")[0] == "pro"


def test_an_operators_answer_is_of_the_plans_item_and_not_of_an_option(
    env: Environment,
) -> None:
    env.check("ada", by=None)
    about = stripe.subscription("price_x", START, START + MONTH, metadata={"userId": "ada"})
    about["items"]["data"].append(stripe.item("price_storage", START, START + 365 * DAY))
    send_event(env, stripe.event("customer.subscription.created", about, "evt_1", START))
    resolve_event(
        env.context,
        None,
        "stripe_evt_1",
        ResolveCommand(plan_id="plus"),
        AuditContext("a plan"),
    )
    assert env.user()["subscription"]["currentPeriodEnd"] == START + MONTH


def test_an_invoice_without_a_customer_of_something_else_changes_nothing(
    env: Environment,
) -> None:
    invoice = stripe.invoice()
    invoice["customer"] = None
    other = {"price_details": {"price": "price_other", "product": "prod_other"}}
    invoice["lines"]["data"][0]["pricing"] = other
    applied = send_event(env, stripe.event("invoice.paid", invoice, "evt_i", START))
    assert applied.status in ("ignored", "unmatched")
    assert list(env.db.collection("subscriptions").stream()) == []


def test_a_refund_that_was_reversed_is_settled_also_when_the_pack_is_sold_no_more(
    env: Environment,
) -> None:
    send_event(env, rc.event("NON_RENEWING_PURCHASE", "e1", START, START, None, **COINS))
    refund = {**COINS, "cancel_reason": "CUSTOMER_SUPPORT"}
    send_event(env, rc.event("CANCELLATION", "e2", START + HOUR, START, None, **refund))
    assert env.check(by=None).grants_remaining == 0
    env.db.document("packs/small").delete()
    env.now = START + 2 * HOUR
    applied = send_event(env, rc.event("REFUND_REVERSED", "e3", env.now, START, None, **COINS))
    assert applied.status == "processed"
    assert env.check(by=None).grants_remaining == 50


def test_an_earlier_release_s_payment_follows_no_transfer_from_before_it(
    env: Environment,
) -> None:
    earlier = (START - 2 * HOUR).isoformat()

    def put(path: str, uid: str, record: dict[str, object]) -> None:
        content = {"userId": uid, "record": json.dumps(record), "createdAt": START}
        env.db.document(path).set(content)

    nothing: dict[str, object] = {"subscriptions": [], "payments": [], "receipts": []}
    moved = {"value": "ben", "stamp": [earlier, "e1"]}
    adas = {"value": "ada", "stamp": [earlier, "e0"]}
    had = {**nothing, "id": "ada", "user": adas, "moves": [moved], "payments": ["p1"]}
    put("customers/revenuecat_ada", "ada", had)
    put("customers/revenuecat_ben", "ben", {**nothing, "id": "ben", "user": moved, "moves": []})
    grant = {"id": "p1", "credits": 50, "expires_at": None}
    about = {"id": "p1", "provider": "revenuecat", "user_id": "ada", "customer_id": "ada"}
    put("payments/revenuecat_p1", "ada", {**about, "grants": [grant]})
    env.grant("p1", 50)
    env.check("ben", by=None)
    kept = {"credits": 50, "purchased": True, "revokedAt": None}
    env.db.document("users/ada/grants/p1").set(kept)
    refund = {**COINS, "cancel_reason": "CUSTOMER_SUPPORT"}
    send_event(env, rc.event("CANCELLATION", "e2", START + HOUR, START, None, **refund))
    send_event(env, rc.event("REFUND_REVERSED", "e3", START + 2 * HOUR, START, None, **COINS))
    assert env.check("ada", by=None).grants_remaining == 50
    assert env.check("ben", by=None).grants_remaining == 0
