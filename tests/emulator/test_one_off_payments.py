"""What is sold once, and what becomes of it: several of it, tips beside it, refunds that fail, lifetimes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import InvalidArgument
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.environment import START
from tests.emulator.event_permutations import environments_of
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.store_contents import contents
from tests.stripe_payloads import CREDITS, MONTH, seconds

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.check()


def line(price: str, quantity: int | None = 1) -> Json:
    return {
        "id": f"li_{price}",
        "price": {"id": price, "product": f"prod_{price}"},
        "quantity": quantity,
    }


def checkout(*lines: Json, mode: str = "payment", number: int = 1, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.checkout(mode, line_items={"data": list(lines)}, **fields)
    return stripe.event("checkout.session.completed", about, f"evt_{number}", START)


def event_of(number: int, type_: str, about: Json, at: timedelta | None = None) -> Json:
    later = number * HOUR if at is None else at
    return stripe.event(type_, about, f"evt_{number}", START + later)


def refund(status: str, amount: int = 500, created: timedelta = HOUR, id_: str = "re_1") -> Json:
    return {
        "id": id_,
        "object": "refund",
        "amount": amount,
        "charge": "ch_1",
        "created": seconds(START + created),
        "payment_intent": "pi_1",
        "status": status,
    }


def left(env: Environment, uid: str = "ada") -> int:
    return env.check(uid, by=None).grants_remaining


SMALL: Json = {"metadata": {"packId": "small"}}


@pytest.mark.parametrize(
    ("lines", "fields", "credits"),
    [
        ([line(CREDITS, 3)], SMALL, 150),
        ([line(CREDITS, 3)], {}, 150),
        ([line("price_unlisted", 3)], SMALL, 150),
        ([], SMALL, 50),
        ([line(CREDITS), line("price_tip")], {}, 50),
        ([line(CREDITS), line("price_tip")], SMALL, 50),
        ([line(CREDITS, 2), line(CREDITS, 1)], {}, 150),
        ([line(CREDITS, None)], {}, 50),
        ([line(CREDITS, 0), line(CREDITS, 1)], {}, 50),
    ],
)
def test_as_many_packs_are_given_as_were_bought_whatever_is_beside_them(
    env: Environment, lines: list[Json], fields: Json, credits: int
) -> None:
    assert send_event(env, checkout(*lines, **fields)).status == "processed"
    assert left(env) == credits
    assert list(env.user()["quota"]["grants"]) == ["pi_1"]


@pytest.mark.parametrize(
    ("lines", "credits"),
    [
        ([line("price_large", 2)], {"pi_1": 1000}),
        ([line("price_large"), line("price_tip")], {"pi_1": 500}),
        ([line("price_large", 0), line("price_tip", 2)], {"pi_1": 100}),
        ([line("price_tip"), line("price_other", 2)], {"pi_1": 50}),
    ],
)
def test_the_pack_that_the_shop_names_counts_only_where_no_item_is_one(
    env: Environment, lines: list[Json], credits: Json
) -> None:
    large = {"credits": 500, "products": {"stripe": ["price_large"]}}
    env.db.document("packs/large").set(large)
    send_event(env, checkout(*lines, **SMALL))
    grants = env.user()["quota"]["grants"]
    assert {key: grant["credits"] for key, grant in grants.items()} == credits


def test_a_checkout_of_nothing_gives_nothing(env: Environment) -> None:
    assert send_event(env, checkout(line(CREDITS, 0), **SMALL)).problem == "unknown-product"


@pytest.mark.parametrize("quantity", [10**14, 2**63, 10**30])
def test_more_credits_than_can_be_counted_are_refused(env: Environment, quantity: int) -> None:
    before = contents(env.db)
    too_many: list[tuple[str, Json]] = [(CREDITS, {}), (CREDITS, SMALL), ("price_unlisted", SMALL)]
    for price, fields in too_many:
        with pytest.raises(InvalidArgument):
            send_event(env, checkout(line(price, quantity), **fields))
    assert contents(env.db) == before
    assert send_event(env, checkout(line("price_unlisted", quantity))).problem == "unknown-product"


def test_very_many_credits_are_given(env: Environment) -> None:
    send_event(env, checkout(line(CREDITS, 10**13)))
    assert left(env) == 50 * 10**13


def test_several_packs_of_one_checkout_are_a_grant_each(env: Environment) -> None:
    large = {"credits": 500, "products": {"stripe": ["prod_price_large"]}}
    env.db.document("packs/large").set(large)
    send_event(env, checkout(line(CREDITS), line("price_large", 2), line("price_tip")))
    grants = env.user()["quota"]["grants"]
    assert {key: grant["credits"] for key, grant in grants.items()} == {
        "pi_1_small": 50,
        "pi_1_large": 1000,
    }


@pytest.mark.parametrize("lines", [[line("price_plus"), line(CREDITS, 2)], [line(CREDITS, 2)]])
def test_a_checkout_of_a_subscription_gives_the_packs_in_it(
    env: Environment, lines: list[Json]
) -> None:
    event = checkout(*lines, mode="subscription", invoice="in_1")
    assert send_event(env, event).status == "processed"
    assert left(env) == 100


def test_a_checkout_of_a_subscription_without_packs_sells_none(env: Environment) -> None:
    assert send_event(env, checkout(line("price_plus"), mode="subscription")).status == "processed"
    assert left(env) == 0
    assert not list(env.db.collection("payments").stream())


def test_a_checkout_in_which_nothing_is_known_is_kept(env: Environment) -> None:
    assert send_event(env, checkout(line("price_tip"))).problem == "unknown-product"


@pytest.mark.parametrize("type_", ["refund.failed", "refund.updated", "charge.refund.updated"])
def test_a_refund_that_fails_days_later_gives_the_credits_back(type_: str) -> None:
    events = [
        checkout(line(CREDITS)),
        event_of(2, "charge.refunded", stripe.charge(), HOUR),
        event_of(3, type_, refund("failed"), 4 * DAY),
    ]
    for env in environments_of(events, START + 5 * DAY):
        assert left(env) == 50


def test_a_refund_that_failed_and_was_made_again_takes_them_back_for_good() -> None:
    events = [
        checkout(line(CREDITS)),
        event_of(2, "charge.refunded", stripe.charge(), HOUR),
        event_of(3, "refund.failed", refund("failed"), 4 * DAY),
        event_of(4, "charge.refunded", stripe.charge(), 5 * DAY),
    ]
    for env in environments_of(events, START + 6 * DAY):
        assert left(env) == 0


@pytest.mark.parametrize(("first", "second", "stays"), [(500, 500, 0), (200, 300, 20)])
def test_a_failure_that_is_told_again_gives_back_once(first: int, second: int, stays: int) -> None:
    """The sum of the second refund was made when the first had failed already, and does not include it."""
    events = [
        checkout(line(CREDITS)),
        event_of(2, "charge.refunded", stripe.charge(first), HOUR),
        event_of(3, "refund.failed", refund("failed", first), 4 * DAY),
        event_of(4, "charge.refunded", stripe.charge(second), 5 * DAY),
        event_of(5, "refund.updated", refund("failed", first), 6 * DAY),
    ]
    for env in environments_of(events, START + 7 * DAY):
        assert left(env) == stays


def test_of_two_partial_refunds_one_that_fails_gives_its_part_back() -> None:
    events = [
        checkout(line(CREDITS)),
        event_of(2, "charge.refunded", stripe.charge(100), HOUR),
        event_of(3, "charge.refunded", stripe.charge(300), 2 * HOUR),
        event_of(4, "refund.failed", refund("failed", 200, 2 * HOUR, "re_2"), 4 * DAY),
    ]
    for env in environments_of(events, START + 5 * DAY):
        assert left(env) == 40


def test_a_refund_counts_from_its_start_though_its_charge_was_not_reported() -> None:
    events = [
        checkout(line(CREDITS)),
        event_of(2, "refund.created", refund("pending", 250), HOUR),
        event_of(3, "refund.updated", refund("succeeded", 250), 2 * DAY),
    ]
    for env in environments_of(events, START + 3 * DAY):
        assert left(env) == 25


def test_a_refund_and_its_charge_take_back_once() -> None:
    events = [
        checkout(line(CREDITS)),
        event_of(2, "refund.created", refund("pending", 250), HOUR),
        event_of(3, "charge.refunded", stripe.charge(250), HOUR),
        event_of(4, "refund.updated", refund("succeeded", 250), 2 * DAY),
    ]
    for env in environments_of(events, START + 3 * DAY):
        assert left(env) == 25


def test_a_refund_that_is_cancelled_takes_nothing(env: Environment) -> None:
    send_event(env, checkout(line(CREDITS)))
    send_event(env, event_of(2, "refund.created", refund("requires_action")))
    assert left(env) == 0
    send_event(env, event_of(3, "refund.updated", refund("canceled")))
    assert left(env) == 50


def test_a_dispute_holds_back_and_gives_back_between_its_start_and_its_end_too(
    env: Environment,
) -> None:
    send_event(env, checkout(line(CREDITS)))
    seen = []
    for number, (verb, status) in enumerate(
        [
            ("created", "warning_needs_response"),
            ("updated", "needs_response"),
            ("funds_withdrawn", "under_review"),
            ("funds_reinstated", "won"),
            ("closed", "won"),
        ],
        2,
    ):
        send_event(env, event_of(number, f"charge.dispute.{verb}", stripe.dispute(status)))
        seen.append(left(env))
    assert seen == [50, 0, 0, 50, 50]


def test_of_two_disputes_of_one_payment_one_that_is_lost_holds_back() -> None:
    other = {**stripe.dispute("won"), "id": "dp_2"}
    events = [
        checkout(line(CREDITS)),
        event_of(2, "charge.dispute.closed", stripe.dispute("lost")),
        event_of(3, "charge.dispute.closed", other),
    ]
    for env in environments_of(events, START + DAY):
        assert left(env) == 0


ONCE: dict[str, Any] = {"end": None, "product_id": "com.app.credits"}


@pytest.mark.parametrize("why", ["UNKNOWN", "DEVELOPER_INITIATED", "CUSTOMER_SUPPORT"])
@pytest.mark.parametrize("field", ["price", "price_in_purchased_currency"])
def test_a_negative_price_is_a_refund_whatever_its_reason(why: str, field: str) -> None:
    refunded: dict[str, Any] = {**ONCE, "cancel_reason": why, field: -4.99}
    events = [
        revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **ONCE),
        revenuecat.event("CANCELLATION", "r2", START + HOUR, **refunded),
    ]
    for env in environments_of(events, START + DAY):
        assert left(env) == 0


def test_what_is_refunded_after_its_pack_was_taken_out_of_the_catalogue_is_taken_back(
    env: Environment,
) -> None:
    send_event(env, revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **ONCE))
    env.db.document("packs/small").delete()
    refunded: dict[str, Any] = {**ONCE, "cancel_reason": "CUSTOMER_SUPPORT"}
    send_event(env, revenuecat.event("CANCELLATION", "r2", START + HOUR, **refunded))
    assert left(env) == 0


def test_a_cancellation_that_gives_nothing_back_takes_nothing(env: Environment) -> None:
    send_event(env, revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **ONCE))
    other: dict[str, Any] = {**ONCE, "cancel_reason": "UNKNOWN", "price": 0}
    send_event(env, revenuecat.event("CANCELLATION", "r2", START + HOUR, **other))
    assert left(env) == 50


def test_a_subscription_of_which_the_price_was_given_back_ends(env: Environment) -> None:
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    refunded: dict[str, Any] = {"cancel_reason": "UNKNOWN", "price": -9.99}
    env.now = START + 2 * HOUR
    send_event(env, revenuecat.event("CANCELLATION", "r2", START + HOUR, **refunded))
    assert plan_and_limit(env) == ("free", 10)


PROMOTION: dict[str, Any] = {
    "product_id": "rc_promo_plus",
    "period_type": "PROMOTIONAL",
    "store": "PROMOTIONAL",
    "original_transaction_id": None,
}


def with_promotion(env: Environment) -> None:
    products = {"stripe": ["price_plus"], "revenuecat": ["com.app.plus", "rc_promo_plus"]}
    env.plan("plus", limits={"period": 100}, rank=1, products=products)


def test_what_support_gave_for_a_time_is_its_plan_until_then(env: Environment) -> None:
    with_promotion(env)
    given = revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, end=START + 7 * DAY, **PROMOTION)
    assert send_event(env, given).status == "processed"
    assert plan_and_limit(env) == ("plus", 100)
    env.now = START + 7 * DAY
    assert plan_and_limit(env) == ("free", 10)


def test_what_support_gave_for_ever_is_its_plan_until_it_is_taken_back(
    env: Environment,
) -> None:
    with_promotion(env)
    given = revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, end=None, **PROMOTION)
    assert send_event(env, given).status == "processed"
    env.now = START + 3000 * DAY
    assert plan_and_limit(env) == ("plus", 100)
    taken: dict[str, Any] = {**PROMOTION, "cancel_reason": "CUSTOMER_SUPPORT"}
    send_event(env, revenuecat.event("CANCELLATION", "r2", env.now - HOUR, end=None, **taken))
    assert plan_and_limit(env) == ("free", 10)
    assert not list(env.db.collection("payments").stream())


HALF: dict[str, Any] = {"end": START + DAY, "transaction_id": None, "original_transaction_id": None}


def temporary(number: int = 1, at: timedelta = timedelta()) -> Json:
    payload = revenuecat.event("TEMPORARY_ENTITLEMENT_GRANT", f"t{number}", START + at, **HALF)
    for name in ("transaction_id", "original_transaction_id", "period_type", "price", "aliases"):
        del payload["event"][name]
    return payload


def test_what_a_store_could_not_confirm_yet_is_the_plan_for_a_day(env: Environment) -> None:
    assert send_event(env, temporary()).status == "processed"
    assert plan_and_limit(env) == ("plus", 100)
    env.now = START + DAY
    assert plan_and_limit(env) == ("free", 10)


def test_what_a_store_confirms_replaces_what_was_given_meanwhile() -> None:
    bought = revenuecat.event("INITIAL_PURCHASE", "r1", START + HOUR, product_id="com.app.plus")
    for env in environments_of([temporary(), bought], START + 2 * HOUR):
        assert plan_and_limit(env) == ("plus", 100)
        assert sorted(env.user()["quota"]["subscriptions"]) == ["100000000000001"]
        env.now = START + 20 * DAY
        assert plan_and_limit(env) == ("plus", 100)


def test_what_a_store_refuses_ends_what_was_given_meanwhile() -> None:
    refused = revenuecat.event("EXPIRATION", "r1", START + HOUR, end=START + HOUR)
    for env in environments_of([temporary(), refused], START + 2 * HOUR):
        assert plan_and_limit(env) == ("free", 10)


def test_a_temporary_grant_beside_an_older_subscription_counts(env: Environment) -> None:
    send_event(
        env,
        revenuecat.event("INITIAL_PURCHASE", "r1", START - MONTH, START - MONTH, START - DAY),
    )
    send_event(env, temporary())
    assert plan_and_limit(env) == ("plus", 100)
