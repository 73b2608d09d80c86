"""Credits that were bought: given with the commit of the event, spent last, taken back once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.billing.store.billing_documents import REFUND_WAITS
from genquota.domain.policy import MAX_GRANTS
from genquota.domain.quota.account import Grant
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.operators.revoke_grant import revoke_grant
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.environment import START
from tests.emulator.provider_events import add_catalogue, send_event
from tests.stripe_payloads import CREDITS

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.check()


def bought(number: int = 1, type_: str = "completed", **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.checkout(**{"metadata": {"packId": "small"}, **fields})
    return stripe.event(f"checkout.session.{type_}", about, f"evt_{number}", START)


def event_of(number: int, type_: str, about: Json) -> Json:
    return stripe.event(type_, about, f"evt_{number}", START + number * HOUR)


def left(env: Environment) -> int:
    return env.check().grants_remaining


def test_a_pack_is_there_with_the_next_call_and_its_document_says_who_sold_it(
    env: Environment,
) -> None:
    assert send_event(env, bought()).status == "processed"
    assert left(env) == 50
    assert env._read("users/ada/grants/pi_1") == {
        "userId": "ada",
        "credits": 50,
        "purchased": True,
        "givenBy": "stripe",
        "paymentId": "pi_1",
        "createdAt": START,
        "expiresAt": None,
        "revokedAt": None,
    }


def test_line_items_are_as_many_packs_as_they_say(env: Environment) -> None:
    sold = {"price": {"id": CREDITS}, "quantity": 3}
    assert send_event(env, bought(metadata={}), sold).status == "processed"
    assert left(env) == 150


def test_one_payment_is_one_grant_whatever_tells_of_it(env: Environment) -> None:
    """D8"""
    for number, type_ in enumerate(("completed", "async_payment_succeeded"), 1):
        send_event(env, bought(number, type_))
    for number, type_ in enumerate(("invoice.paid", "invoice.payment_succeeded"), 3):
        send_event(env, event_of(number, type_, stripe.invoice()))
    assert left(env) == 50


def test_a_purchase_whose_pack_nobody_knows_is_kept(env: Environment) -> None:
    unknown = bought(metadata={"packId": "large"})
    assert send_event(env, unknown).problem == "unknown-product"
    env.db.document("packs/large").set({"credits": 500, "expiresAfterDays": 30})
    assert send_event(env, unknown).status == "processed"
    assert env.user()["quota"]["grants"]["pi_1"]["expiresAt"] == START + 30 * DAY


@pytest.mark.parametrize(
    "pack",
    [{"credits": 0}, {"credits": "50"}, {"credits": 1.5}, {"credits": 5, "expiresAfterDays": 0}],
)
def test_a_pack_that_makes_no_sense_is_none(env: Environment, pack: Json) -> None:
    env.db.document("packs/small").set(pack)
    assert send_event(env, bought()).problem == "unknown-product"


def test_a_purchase_of_somebody_unknown_waits_for_them(env: Environment) -> None:
    assert send_event(env, bought(user_id=None)).problem == "unknown-customer"
    assert send_event(env, event_of(2, "charge.refunded", stripe.charge(100))).status == "processed"
    known = stripe.checkout("subscription", customer="cus_1")
    send_event(env, event_of(3, "checkout.session.completed", known))
    assert left(env) == 40


def test_a_guest_who_names_themself_gets_their_credits(env: Environment) -> None:
    assert send_event(env, bought(customer=None)).status == "processed"
    assert left(env) == 50


def test_a_refund_takes_back_what_is_unspent_and_what_is_held_stays(env: Environment) -> None:
    """D9"""
    send_event(env, bought())
    env.plan("free", limits={"period": 0})
    env.generate(credits=20, by=None)
    opened = env.create(credits=5, by=None)
    send_event(env, event_of(2, "charge.refunded", stripe.charge()))
    assert left(env) == 0
    assert env._read("users/ada/grants/pi_1")["revokedAt"] == START
    env.report(opened, "success", by=None)
    assert env.user()["quota"]["grants"]["pi_1"]["used"] == 25


def test_refund_and_dispute_of_one_payment_take_back_once(env: Environment) -> None:
    """D9"""
    send_event(env, bought())
    send_event(env, bought(2, payment_intent="pi_2"))
    send_event(env, event_of(3, "charge.refunded", stripe.charge()))
    send_event(env, event_of(4, "charge.dispute.created", stripe.dispute()))
    assert left(env) == 50


def test_a_dispute_that_is_won_gives_the_rest_back(env: Environment) -> None:
    """D9, F5"""
    send_event(env, bought())
    send_event(env, event_of(2, "charge.dispute.created", stripe.dispute()))
    assert left(env) == 0
    send_event(env, event_of(3, "charge.dispute.closed", stripe.dispute("won")))
    assert left(env) == 50


@pytest.mark.parametrize(
    "later",
    [
        [("charge.refunded", stripe.charge(100))],
        [
            ("charge.dispute.created", stripe.dispute()),
            ("charge.dispute.closed", stripe.dispute("won")),
        ],
    ],
    ids=["refunded in part", "disputed and won"],
)
def test_what_an_operator_took_back_stays_so_whatever_becomes_of_its_payment(
    env: Environment, later: list[tuple[str, Json]]
) -> None:
    send_event(env, bought())
    revoke_grant(env.context, None, "ada", "pi_1", AuditContext("fraud"))
    document = env._read("users/ada/grants/pi_1")
    for number, (type_, about) in enumerate(later, 2):
        send_event(env, event_of(number, type_, about))
    assert left(env) == 0
    assert env.user()["quota"]["grants"]["pi_1"]["revoked"] is True
    assert env._read("users/ada/grants/pi_1") == document


def test_a_refund_that_comes_before_its_purchase_is_remembered(env: Environment) -> None:
    """D9"""
    assert send_event(env, event_of(2, "charge.refunded", stripe.charge(250))).status == "processed"
    assert env._read("payments/stripe_pi_1")["deleteAt"] == START + REFUND_WAITS
    send_event(env, bought())
    assert left(env) == 25
    assert "deleteAt" not in env._read("payments/stripe_pi_1")


def test_purchased_credits_are_spent_last(env: Environment) -> None:
    """D17: what expires goes first, and takes nothing bought with it."""
    send_event(env, bought())
    env.grant("gift", 5, START + DAY)
    env.plan("free", limits={"period": 0})
    env.generate(credits=3, by=None)
    grants = env.user()["quota"]["grants"]
    assert (grants["gift"]["used"], grants["pi_1"]["used"]) == (3, 0)
    env.pass_time(days=2)
    assert left(env) == 50


def test_a_purchase_that_finds_no_room_is_kept_and_counts_when_there_is(
    env: Environment,
) -> None:
    for number in range(MAX_GRANTS):
        env.grant(f"gift{number}", 1)
    assert send_event(env, bought()).problem == "too-many-grants"
    assert "pi_1" not in env.user()["quota"]["grants"]
    env.edit(quota__grants__gift0__used=1)
    assert send_event(env, bought()).status == "processed"
    assert env.user()["quota"]["grants"]["pi_1"]["credits"] == 50


def test_what_a_store_sells_once_is_a_grant_until_it_is_refunded(env: Environment) -> None:
    product: dict[str, Any] = {"end": None, "product_id": "com.app.credits"}
    send_event(env, revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **product))
    assert left(env) == 50
    why: dict[str, Any] = {"cancel_reason": "CUSTOMER_SUPPORT"}
    send_event(env, revenuecat.event("CANCELLATION", "r2", START + HOUR, **product, **why))
    assert left(env) == 0
    send_event(env, revenuecat.event("REFUND_REVERSED", "r3", START + 2 * HOUR, **product))
    assert left(env) == 50


def test_a_user_without_a_document_gets_the_grant_and_nothing_else(env: Environment) -> None:
    send_event(env, bought(user_id="new"))
    assert env.user("new").keys() == {"quota", "updatedAt"}
    assert env.check("new").grants_remaining == 50


def test_a_grant_in_the_domain_is_a_purchased_one(env: Environment) -> None:
    send_event(env, bought())
    present, _ = env.usage()
    assert present.account.grants == {"pi_1": Grant(50, purchased=True)}
