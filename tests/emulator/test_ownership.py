"""Whose a subscription or payment is: what it names itself, its checkout, its customer, in this order."""

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
from tests.revenuecat_payloads import ANONYMOUS
from tests.stripe_payloads import MONTH, PRO

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOBODY: dict[str, Any] = {
    "app_user_id": ANONYMOUS,
    "original_app_user_id": ANONYMOUS,
    "aliases": [ANONYMOUS],
}
COINS: dict[str, Any] = {"end": None, "product_id": "com.app.credits"}


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)


def of_stripe(number: int, type_: str, about: Json) -> Json:
    return stripe.event(type_, about, f"evt_{number}", START + number * HOUR)


def created(number: int, user_id: str | None, price: str = "price_plus", **fields: Any) -> Json:  # noqa: ANN401
    metadata = {"userId": user_id} if user_id else {}
    about = stripe.subscription(price, metadata=metadata, **fields)
    return of_stripe(number, "customer.subscription.created", about)


def left(env: Environment, uid: str) -> int:
    return env.check(uid, by=None).grants_remaining


def test_two_users_of_one_customer_have_a_subscription_each() -> None:
    events = [created(1, "ana"), created(2, "ben", PRO, id_="sub_2")]
    for env in environments_of(events, START + 3 * HOUR):
        assert plan_and_limit(env, "ana") == ("plus", 100)
        assert plan_and_limit(env, "ben") == ("pro", 1000)


def test_its_own_metadata_counts_more_than_its_checkout_and_that_more_than_the_customer() -> None:
    linked = stripe.checkout("subscription", "ben")
    others = stripe.checkout("subscription", "eve", subscription="sub_9")
    events = [
        created(1, "ana"),
        of_stripe(2, "checkout.session.completed", linked),
        of_stripe(3, "checkout.session.completed", others),
    ]
    for env in environments_of(events, START + 4 * HOUR):
        assert plan_and_limit(env, "ana") == ("plus", 100)
        assert plan_and_limit(env, "ben") == ("free", 10)
    events[0] = created(1, None)
    for env in environments_of(events, START + 4 * HOUR):
        assert plan_and_limit(env, "ben") == ("plus", 100)
        assert plan_and_limit(env, "eve") == ("free", 10)


def test_a_later_event_without_metadata_takes_nothing_from_whom_it_named() -> None:
    events = [created(1, "ana"), created(2, None, PRO), created(3, "ben", id_="sub_2")]
    for env in environments_of(events, START + 4 * HOUR):
        assert plan_and_limit(env, "ana") == ("pro", 1000)


def test_a_pack_that_was_bought_before_signing_in_follows_a_transfer() -> None:
    bought = revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **COINS, **NOBODY)
    moved = revenuecat.transfer([ANONYMOUS], ["eve"], "t1", START + HOUR)
    for env in environments_of([bought, moved], START + DAY):
        assert left(env, "eve") == 50
        assert env._read("webhookEvents/revenuecat_r1")["status"] == "processed"


def test_a_pack_that_was_bought_before_signing_in_is_that_of_an_alias() -> None:
    bought = revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **COINS, **NOBODY)
    signed_in = revenuecat.event(
        "INITIAL_PURCHASE", "r2", START + HOUR, app_user_id="zoe", aliases=[ANONYMOUS, "zoe"]
    )
    for env in environments_of([bought, signed_in], START + DAY):
        assert left(env, "zoe") == 50
        assert plan_and_limit(env, "zoe") == ("plus", 100)


def test_a_pack_moves_on_with_what_is_left_of_it_and_back(env: Environment) -> None:
    env.plan("free", limits={"period": 0})
    send_event(env, revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **COINS))
    env.now = START + 3 * HOUR
    env.generate("ada", credits=20, by=None)
    send_event(env, revenuecat.transfer(["ada"], ["bob"], "t1", START + HOUR))
    assert (left(env, "ada"), left(env, "bob")) == (0, 30)
    env.generate("bob", credits=10, by=None)
    send_event(env, revenuecat.transfer(["bob"], ["ada"], "t2", START + 2 * HOUR))
    assert (left(env, "ada"), left(env, "bob")) == (20, 0)


def test_what_is_held_of_a_pack_does_not_move_with_it(env: Environment) -> None:
    env.plan("free", limits={"period": 0})
    send_event(env, revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **COINS))
    opened = env.create("ada", credits=15, by=None)
    send_event(env, revenuecat.transfer(["ada"], ["bob"], "t1", START + HOUR))
    assert left(env, "bob") == 35
    env.report(opened, "success", "ada", by=None)
    assert (left(env, "ada"), left(env, "bob")) == (0, 35)


def test_a_pack_that_was_spent_is_not_minted_by_going_round(env: Environment) -> None:
    env.plan("free", limits={"period": 0})
    send_event(env, revenuecat.event("NON_RENEWING_PURCHASE", "r1", START, **COINS))
    env.now = START + 6 * HOUR
    env.generate("ada", credits=50, by=None)
    for number, (from_, to) in enumerate([("ada", "bob"), ("bob", "eve"), ("eve", "ada")], 1):
        moved = revenuecat.transfer([from_], [to], f"t{number}", START + number * HOUR)
        send_event(env, moved)
        assert [left(env, uid) for uid in ("ada", "bob", "eve")] == [0, 0, 0]


RENEWAL: dict[str, Any] = {
    "app_user_id": ANONYMOUS,
    "original_app_user_id": "legacy-1",
    "aliases": ["legacy-1", ANONYMOUS, "zoe"],
}


def test_of_several_ids_the_one_that_is_a_known_user_wins(env: Environment) -> None:
    env.check("zoe")
    send_event(env, revenuecat.event("RENEWAL", "r1", START, **RENEWAL))
    assert plan_and_limit(env, "zoe") == ("plus", 100)
    assert not env.db.document("users/legacy-1").get().exists


def test_of_several_ids_none_of_which_is_known_the_first_that_is_not_made_up_wins(
    env: Environment,
) -> None:
    send_event(env, revenuecat.event("RENEWAL", "r1", START, **RENEWAL))
    assert plan_and_limit(env, "legacy-1") == ("plus", 100)


def test_who_becomes_known_later_is_found_by_the_next_event(env: Environment) -> None:
    send_event(env, revenuecat.event("RENEWAL", "r1", START, **RENEWAL))
    env.check("zoe")
    env.now = START + DAY
    again = revenuecat.event(
        "CANCELLATION", "r2", START + HOUR, cancel_reason="UNSUBSCRIBE", **RENEWAL
    )
    send_event(env, again)
    assert plan_and_limit(env, "zoe") == ("plus", 100)
    assert plan_and_limit(env, "legacy-1") == ("free", 10)


def test_two_known_users_who_are_aliases_keep_what_is_theirs(env: Environment) -> None:
    env.check("ada")
    env.check("bob")
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    other: dict[str, Any] = {"original_transaction_id": "2", "transaction_id": "2"}
    event = revenuecat.event(
        "INITIAL_PURCHASE", "r2", START + HOUR, app_user_id="bob", aliases=["ada", "bob"], **other
    )
    send_event(env, event)
    assert (plan_and_limit(env), plan_and_limit(env, "bob")) == (
        ("plus", 100),
        ("plus", 100),
    )


def test_a_transfer_to_several_ids_goes_to_the_one_that_is_a_known_user(
    env: Environment,
) -> None:
    env.check("zoe")
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    moved = revenuecat.transfer(["ada"], [ANONYMOUS, "legacy-1", "zoe"], "t1", START + HOUR)
    send_event(env, moved)
    assert (plan_and_limit(env), plan_and_limit(env, "zoe")) == (
        ("free", 10),
        ("plus", 100),
    )


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_customer_written_by_hand_counts_more_than_the_checkout_of_a_pack(
    env: Environment, when: str
) -> None:
    customer = env.db.document("customers/stripe_cus_1")
    pack = stripe.checkout("payment", "mallory", metadata={"packId": "small"})
    event = of_stripe(1, "checkout.session.completed", pack)
    if when == "before":
        customer.set({"userId": "ada"})
        send_event(env, event)
    else:
        send_event(env, event)
        assert left(env, "mallory") == 50
        customer.update({"userId": "ada"})
        send_event(env, created(2, None))
    assert (left(env, "ada"), left(env, "mallory")) == (50, 0)


def test_a_pack_goes_to_whom_its_customer_was_when_it_was_bought() -> None:
    nameless = stripe.checkout(user_id=None, metadata={"packId": "small"})
    pack = of_stripe(0, "checkout.session.completed", nameless)
    to_a, to_b = (
        of_stripe(n, "checkout.session.completed", stripe.checkout("setup", uid))
        for n, uid in enumerate(("ana", "ben"), 1)
    )
    for env in environments_of([pack, to_a, to_b], START + DAY):
        assert (left(env, "ana"), left(env, "ben")) == (50, 0)
        assert env._read("webhookEvents/stripe_evt_0")["userId"] in {"ana", "ben"}


def test_what_a_deleted_user_bought_and_the_store_renewed_may_be_transferred_to_their_new_account(
    env: Environment,
) -> None:
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    env.db.document("users/ada").set({"isDeleted": True, "deletedAt": START})
    env.now = START + MONTH + 2 * HOUR
    renewed = revenuecat.event(
        "RENEWAL", "r2", START + MONTH, START + MONTH, START + 2 * MONTH, transaction_id="2"
    )
    assert send_event(env, renewed).problem == "deleted-user"
    send_event(env, revenuecat.transfer(["ada"], ["new"], "t1", START + MONTH + HOUR))
    assert plan_and_limit(env, "new") == ("plus", 100)
    assert env.user() == {"isDeleted": True, "deletedAt": START}


def test_a_receipt_is_processed_when_its_pack_was_given_and_not_when_its_customer_is_known(
    env: Environment,
) -> None:
    unknown = stripe.checkout(user_id=None, metadata={"packId": "unheard-of"})
    assert (
        send_event(env, of_stripe(0, "checkout.session.completed", unknown)).problem
        == "unknown-product"
    )
    known = stripe.checkout("setup", "ada")
    send_event(env, of_stripe(1, "checkout.session.completed", known))
    receipt = env._read("webhookEvents/stripe_evt_0")
    assert (receipt["status"], receipt["problem"]) == ("unmatched", "unknown-product")


def test_a_waiting_pack_that_finds_no_room_stays_unmatched_and_holds_up_nothing_else(
    env: Environment,
) -> None:
    env.check()
    for number in range(100):
        env.grant(f"gift{number}", 1)
    nameless = stripe.checkout(user_id=None, metadata={"packId": "small"})
    send_event(env, of_stripe(0, "checkout.session.completed", nameless))
    assert send_event(env, created(1, "ada")).status == "processed"
    assert plan_and_limit(env) == ("plus", 100)
    assert env._read("webhookEvents/stripe_evt_0")["status"] == "unmatched"


SURROGATE = "half \ud83d"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("id", "evt_\ud83d"),
        ("type", "customer.subscription.\ud83d"),
        ("customer", "cus_\ud83d"),
        ("price", "price_\ud83d"),
        ("status", "active\ud83d"),
    ],
)
def test_what_firestore_cannot_hold_is_refused_once(
    env: Environment, place: str, value: str
) -> None:
    event = created(1, "ada")
    about = event["data"]["object"]
    if place in ("id", "type"):
        event[place] = value
    elif place == "price":
        about["items"]["data"][0]["price"]["id"] = value
    else:
        about[place] = value
    with pytest.raises(InvalidArgument):
        send_event(env, event)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("userId", "unknown-customer"),
        ("client_reference_id", "unknown-customer"),
        ("packId", "unknown-product"),
        ("description", None),
    ],
)
def test_a_name_that_firestore_cannot_hold_is_one_that_nobody_knows(
    env: Environment, place: str, problem: str | None
) -> None:
    about = stripe.checkout(metadata={"packId": "small"})
    place_in = about["metadata"] if place in ("userId", "packId") else about
    place_in[place] = SURROGATE
    assert send_event(env, of_stripe(1, "checkout.session.completed", about)).problem == problem


def test_a_purchase_is_of_the_customer_that_bought_it_whatever_is_heard_first() -> None:
    coins = {
        "product_id": "com.app.credits",
        "transaction_id": "p1",
        "original_transaction_id": "p1",
        "aliases": [],
    }
    anns = {**coins, "app_user_id": "ann", "original_app_user_id": "ann"}
    bens = {**coins, "app_user_id": "ben", "original_app_user_id": "ben"}
    events = [
        revenuecat.event("NON_RENEWING_PURCHASE", "e1", START + HOUR, START + HOUR, None, **anns),
        revenuecat.transfer(["ben"], ["dan"], "e2", START + 2 * HOUR),
        revenuecat.transfer(["ann"], ["ben"], "e3", START + 3 * HOUR),
        revenuecat.event("REFUND_REVERSED", "e4", START + 4 * HOUR, START + HOUR, None, **bens),
    ]

    def prepare(env: Environment) -> None:
        for uid in ("ann", "ben", "dan"):
            env.check(uid)

    for env in environments_of(events, START + 5 * HOUR, prepare):
        left = [env.check(uid, by=None).grants_remaining for uid in ("ann", "ben", "dan")]
        assert left == [0, 50, 0]
