"""What events of subscriptions do: plans at once, downgrades later, ends by themselves, whoever sold it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.shop import open_shop, stands, tell
from tests.emulator.world import START, row
from tests.rpc_counter import Calls, counting
from tests.stripe_payloads import MONTH, PLUS, PRO, seconds

if TYPE_CHECKING:
    from tests.emulator.world import World

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA = {"metadata": {"userId": "ada"}}


@pytest.fixture(autouse=True)
def shop(world: World) -> None:
    open_shop(world)
    world.check()


def sold(number: int, price: str = PLUS, type_: str = "updated", **fields: Any) -> Json:  # noqa: ANN401
    """Return an event about ada's subscription; each number is an hour after the one before."""
    about = stripe.subscription(price, **{**ADA, **fields})
    return stripe.event(
        f"customer.subscription.{type_}", about, f"evt_{number}", START + number * HOUR
    )


def test_a_purchase_begins_a_period_and_the_plan_at_once(world: World) -> None:
    world.generate()
    world.pass_time(hours=2)
    bought_at = START + HOUR
    assert tell(world, sold(1, start=bought_at)).status == "processed"
    assert row(world.check()) == (100, 0, 0), "a period of its own, of which nothing is used"
    user = world.user()
    assert (user["subscription"]["id"], user["subscription"]["planId"]) == ("sub_1", "plus")
    assert (user["lastResetDate"], user["nextResetDate"]) == (bought_at, bought_at + MONTH)
    assert user["usage"]["planId"] == "plus"


def test_a_subscriptions_document_says_what_the_contract_says(world: World) -> None:
    tell(world, sold(1, trial_start=None))
    document = world._read("subscriptions/sub_1")
    record = document.pop("record")
    assert isinstance(record, str)
    assert document == {
        "userId": "ada",
        "provider": "stripe",
        "planId": "plus",
        "nextPlanId": None,
        "status": "active",
        "currentPeriodStart": START,
        "currentPeriodEnd": START + MONTH,
        "anchor": START,
        "trialStart": None,
        "trialEnd": None,
        "cancelAtPeriodEnd": False,
        "providerCustomerId": "cus_1",
        "providerUpdatedAt": START + HOUR,
        "metadata": {"providerStatus": "active", "products": ["price_plus", "prod_price_plus"]},
        "createdAt": START,
        "updatedAt": START,
    }


def test_an_upgrade_counts_at_once_and_what_was_used_stays_used(world: World) -> None:
    """D12"""
    tell(world, sold(1))
    world.grant("gift", 5)
    world.generate()
    tell(world, sold(2, PRO))
    assert row(world.check()) == (1000, 1, 0)
    assert world.check().grants_remaining == 5


def test_a_downgrade_waits_for_the_end_of_the_paid_period(world: World) -> None:
    """D11"""
    tell(world, sold(1, PRO))
    tell(world, sold(2, PLUS))
    assert stands(world) == ("pro", 1000)
    world.now = START + MONTH + HOUR
    assert stands(world) == ("plus", 100), "also if news of the renewal are late"
    tell(world, sold(900, PLUS, start=START + MONTH))
    assert stands(world) == ("plus", 100)


def test_up_down_and_up_again_mints_nothing(world: World) -> None:
    """D10"""
    tell(world, sold(1))
    world.create(credits=30, by=None)
    for number, price in enumerate((PRO, PLUS, PRO, PLUS, PRO), 2):
        tell(world, sold(number, price))
        assert row(world.check()) == (1000, 0, 30)
    assert world.closed("period") == []


def test_a_renewal_begins_the_next_period_once(world: World) -> None:
    tell(world, sold(1))
    world.generate()
    world.now = START + MONTH + DAY
    renewal = sold(800, start=START + MONTH)
    assert tell(world, renewal).status == "processed"
    assert tell(world, renewal).status is None
    assert row(world.check()) == (100, 0, 0)
    assert [closed["used"] for closed in world.closed("period")] == [1]
    assert world.user()["nextResetDate"] == datetime(2027, 5, 16, 9, tzinfo=UTC), "as Stripe says"


def test_late_news_of_a_renewal_throws_nobody_out(world: World) -> None:
    tell(world, sold(1))
    world.now = START + MONTH + 23 * HOUR
    assert stands(world) == ("plus", 100)
    world.now = START + MONTH + 24 * HOUR
    assert stands(world) == ("free", 10)


def test_what_will_not_renew_ends_with_its_period_without_any_job(world: World) -> None:
    tell(world, sold(1, cancel_at_period_end=True))
    world.now = START + MONTH - HOUR
    assert stands(world) == ("plus", 100)
    world.now = START + MONTH
    assert stands(world) == ("free", 10)


def test_what_is_ended_at_once_falls_back_at_once(world: World) -> None:
    tell(world, sold(1))
    world.now = START + 3 * HOUR
    tell(world, sold(2, type_="deleted", status="canceled", ended_at=seconds(START + 2 * HOUR)))
    assert stands(world) == ("free", 10)
    assert world.user()["subscription"] is None
    assert world._read("subscriptions/sub_1")["status"] == "canceled"


def test_what_somebody_wrote_by_hand_ends_when_its_provider_says_so(world: World) -> None:
    world.subscribe(START, START + MONTH, id="sub_1", planId="plus")
    tell(world, sold(1, type_="deleted", status="canceled", ended_at=seconds(START), id_="sub_2"))
    assert stands(world) == ("plus", 100), "that was another one"
    tell(world, sold(2, type_="deleted", status="canceled", ended_at=seconds(START)))
    assert stands(world) == ("free", 10)
    assert world.user()["subscription"] is None


def test_past_due_counts_until_its_grace_is_over(world: World) -> None:
    unpaid = sold(800, status="past_due", start=START + MONTH)
    tell(world, sold(1))
    world.now = START + MONTH + 2 * HOUR
    tell(world, unpaid)
    world.now = START + MONTH + 10 * DAY
    assert stands(world) == ("plus", 100), "by default like a paid one"
    world.set_policy(past_due_grace=3 * DAY)
    assert stands(world) == ("free", 10)
    world.now = START + MONTH + 3 * DAY - HOUR
    assert stands(world) == ("plus", 100)


def test_an_invoice_that_fails_makes_it_past_due_and_one_that_is_paid_lifts_it(
    world: World,
) -> None:
    tell(world, sold(1))
    tell(
        world, stripe.event("invoice.payment_failed", stripe.invoice(), "evt_i1", START + 2 * HOUR)
    )
    assert world.user()["subscription"]["status"] == "past_due"
    tell(world, stripe.event("invoice.paid", stripe.invoice(), "evt_i2", START + 3 * HOUR))
    assert world.user()["subscription"]["status"] == "active"


def test_of_an_unpaid_and_an_active_subscription_the_active_one_counts(world: World) -> None:
    """D5: not the last event."""
    tell(world, sold(1))
    tell(world, sold(2, PRO, id_="sub_2", status="unpaid"))
    assert stands(world) == ("plus", 100)


def test_of_several_the_highest_rank_counts_then_the_latest_end(world: World) -> None:
    """D5"""
    tell(world, sold(1, PRO))
    tell(world, sold(2, PLUS, id_="sub_2", end=START + 3 * MONTH))
    assert world.user()["subscription"]["id"] == "sub_1"
    tell(world, sold(3, PRO, id_="sub_3", end=START + 2 * MONTH))
    assert world.user()["subscription"]["id"] == "sub_3"
    world.now = START + 2 * MONTH + 2 * DAY
    assert stands(world) == ("plus", 100), "what is left counts by itself"


def test_a_customer_who_is_unknown_gets_all_that_waited_when_they_are_known(world: World) -> None:
    """D6"""
    nobody: dict[str, Any] = {"metadata": {}}
    assert tell(world, sold(1, **nobody)).problem == "unknown-customer"
    assert tell(world, sold(2, PRO, id_="sub_2", **nobody)).problem == "unknown-customer"
    assert world._read("subscriptions/sub_2")["userId"] is None
    assert stands(world) == ("free", 10)
    known = stripe.event("checkout.session.completed", stripe.checkout("subscription"), "evt_3")
    assert tell(world, known).status == "processed"
    assert stands(world) == ("pro", 1000)
    assert world.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}
    receipts = [world._read(f"webhookEvents/stripe_evt_{n}") for n in (1, 2, 3)]
    assert [receipt["status"] for receipt in receipts] == ["processed"] * 3
    assert all(receipt["userId"] == "ada" for receipt in receipts)


def test_an_operator_who_names_the_customer_brings_along_all_that_waited(world: World) -> None:
    """D6"""
    first, second = sold(1, metadata={}), sold(2, PRO, id_="sub_2", metadata={})
    tell(world, first)
    tell(world, second)
    world.db.document("customers/stripe_cus_1").update({"userId": "ada"})
    assert tell(world, first).status == "processed"
    assert world.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_a_customer_is_by_an_operators_hand_no_checkout_says_otherwise(
    world: World, when: str
) -> None:
    """Whoever follows a payment link may put any name into it."""
    customer = world.db.document("customers/stripe_cus_1")
    linked = stripe.checkout("subscription", "mallory")
    events = [stripe.event("checkout.session.completed", linked, f"evt_{n}") for n in (1, 2)]
    if when == "after":
        tell(world, events[0])
    customer.set({"userId": "ada"}, merge=True)
    tell(world, sold(3, metadata={}))
    tell(world, events[1])
    assert stands(world) == ("plus", 100)
    assert stands(world, "mallory") == ("free", 10)


def test_two_customers_may_be_one_user(world: World) -> None:
    """D6"""
    tell(world, sold(1))
    tell(world, sold(2, PRO, id_="sub_2", customer="cus_2"))
    assert world.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}


def test_a_product_that_stands_in_no_plan_gives_nothing_and_is_kept(world: World) -> None:
    event = sold(1, "price_unheard_of")
    assert tell(world, event).problem == "unknown-product"
    assert stands(world) == ("free", 10)
    receipt = world._read("webhookEvents/stripe_evt_1")
    assert receipt["products"] == ["price_unheard_of", "prod_price_unheard_of"]
    products = {"stripe": ["prod_price_unheard_of"]}
    world.plan("plus", limits={"period": 100}, rank=1, products=products)
    assert tell(world, event).status == "processed"
    assert stands(world) == ("plus", 100)


def test_editing_the_catalogue_takes_nobodys_plan_or_credits(world: World) -> None:
    """D13"""
    tell(world, sold(1))
    tell(world, stripe.event("checkout.session.completed", _pack(), "evt_2"))
    world.generate()
    world.plan("plus", limits={"period": 50}, rank=1, products={"stripe": []})
    world.db.document("packs/small").set({"credits": 1})
    assert row(world.check()) == (50, 1, 0)
    assert world.check().grants_remaining == 50
    assert tell(world, sold(3, cancel_at_period_end=True)).problem == "unknown-product"
    assert stands(world) == ("plus", 50), "what was paid for is kept until the period's end"


def _pack() -> Json:
    return stripe.checkout(metadata={"packId": "small"})


def test_use_in_a_trial_is_counted_and_the_paid_period_begins_anew(world: World) -> None:
    """D14"""
    until = START + 14 * DAY
    trial: dict[str, Any] = {
        "status": "trialing",
        "end": until,
        "billing_cycle_anchor": seconds(until),
    }
    tell(world, sold(1, **trial, trial_start=seconds(START), trial_end=seconds(until)))
    world.generate()
    assert stands(world) == ("plus", 100)
    assert row(world.check())[1] == 1
    world.now = until + HOUR
    tell(world, sold(340, start=until, end=until + MONTH))
    assert row(world.check()) == (100, 0, 0)
    assert sum(closed["used"] for closed in world.closed("period")) == 1


def test_a_user_without_a_document_gets_what_they_hold_and_their_first_call_the_rest(
    world: World,
) -> None:
    tell(world, sold(1, metadata={"userId": "new"}))
    assert world.user("new").keys() == {"quota", "subscription", "updatedAt"}
    assert world.user("new")["subscription"]["planId"] == "plus"
    assert stands(world, "new") == ("plus", 100)
    assert world.check("new").plan_id == "plus"
    assert world.user("new")["role"] == "user"


def test_a_document_that_the_app_made_keeps_its_fields(world: World) -> None:
    world.db.document("users/new").set({"nickname": "Ann"})
    tell(world, sold(1, metadata={"userId": "new"}))
    assert world.user("new").keys() == {"nickname", "quota", "subscription", "updatedAt"}


def test_a_deleted_user_is_not_brought_back(world: World) -> None:
    """E12"""
    tell(world, sold(1))
    tombstone = {"isDeleted": True, "deletedAt": START}
    world.db.document("users/ada").set(tombstone)
    for number, payload in enumerate(
        (
            sold(2, PRO),
            stripe.event("checkout.session.completed", _pack(), "evt_3", START + 3 * HOUR),
            revenuecat.event("INITIAL_PURCHASE"),
        )
    ):
        assert tell(world, payload).problem == "deleted-user", number
    assert world.user() == tombstone
    assert world._read("subscriptions/sub_1")["planId"] == "pro", "who comes next may be given it"
    assert world._read("webhookEvents/stripe_evt_2")["status"] == "ignored"


def test_a_transfer_takes_everything_from_the_old_user(world: World) -> None:
    """D15: removed entitlements vanish, nothing is merged."""
    tell(world, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    assert stands(world) == ("plus", 100)
    tell(world, revenuecat.transfer(["ada"], ["bob"], "t1", START + HOUR))
    assert (stands(world), stands(world, "bob")) == (("free", 10), ("plus", 100))
    assert (
        "subscriptions" not in world.user()["quota"] or not world.user()["quota"]["subscriptions"]
    )
    assert world.user()["subscription"] is None
    assert world._read("subscriptions/100000000000001")["userId"] == "bob"


def test_a_transfer_to_somebody_deleted_takes_it_from_the_old_user_all_the_same(
    world: World,
) -> None:
    """D15, E12"""
    tell(world, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    tombstone = {"isDeleted": True, "deletedAt": START}
    world.db.document("users/bob").set(tombstone)
    tell(world, revenuecat.transfer(["ada"], ["bob"], "t1", START + HOUR))
    assert stands(world) == ("free", 10)
    assert world.user("bob") == tombstone


@pytest.mark.parametrize("nonsense", ["a/b", "__x__", "..", "x" * 129, "tab\tbed"])
def test_a_checkout_that_names_what_can_be_no_user_is_one_of_somebody_unknown(
    world: World, nonsense: str
) -> None:
    bought = stripe.checkout("subscription", nonsense)
    event = stripe.event("checkout.session.completed", bought, "evt_1")
    assert tell(world, event).problem == "unknown-customer"


def test_what_was_bought_before_signing_in_is_had_after_it(world: World) -> None:
    nobody: dict[str, Any] = {
        "app_user_id": revenuecat.ANONYMOUS,
        "original_app_user_id": revenuecat.ANONYMOUS,
    }
    first = revenuecat.event("INITIAL_PURCHASE", "r1", START, **nobody)
    assert tell(world, first).problem == "unknown-customer"
    tell(world, revenuecat.transfer([revenuecat.ANONYMOUS], ["ada"], "t1", START + HOUR))
    assert stands(world) == ("plus", 100)
    assert world._read("webhookEvents/revenuecat_r1")["status"] == "processed"


def test_an_event_of_a_known_customer_is_two_reads_and_one_commit(world: World) -> None:
    tell(world, sold(1))
    world.set_policy(plan_cache=DAY)
    tell(world, sold(2))
    with counting(world.db) as calls:
        tell(world, sold(3, metadata={}, cancel_at_period_end=True))
    assert (calls.queries, calls.read_rpcs, calls.documents_read) == (0, 2, 4)
    assert calls.read_paths[3:] == ["users/ada"]
    assert (calls.commits, calls.writes) == (1, 3)
    assert sorted(calls.written_paths) == [
        "subscriptions/sub_1",
        "users/ada",
        "webhookEvents/stripe_evt_3",
    ]


def test_from_a_plain_event_to_the_new_limit_is_three_calls_five_reads_and_four_writes(
    world: World,
) -> None:
    world.set_policy(plan_cache=DAY)
    world.check("bob")
    tell(world, sold(1, metadata={"userId": "bob"}, id_="sub_2", customer="cus_2"))
    world.check("bob")
    world.check()
    with counting(world.db) as calls:
        tell(world, sold(2, type_="created"))
        assert stands(world) == ("plus", 100)
    assert calls == Calls(read_rpcs=2, documents_read=5, commits=1, writes=4)


def test_an_event_that_names_the_user_is_one_read_and_one_commit(world: World) -> None:
    tell(world, sold(1))
    world.set_policy(plan_cache=DAY)
    tell(world, sold(2))
    with counting(world.db) as calls:
        tell(world, sold(3, cancel_at_period_end=True))
    assert (calls.queries, calls.read_rpcs, calls.documents_read) == (0, 1, 4)
    assert (calls.commits, calls.writes) == (1, 4), "the customer, too: who they are was said anew"
    with counting(world.db) as calls:
        tell(world, sold(3, cancel_at_period_end=True))
    assert (calls.read_rpcs, calls.commits) == (1, 0)


def test_an_event_that_comes_again_is_one_read_also_if_it_does_not_name_the_user(
    world: World,
) -> None:
    paid = stripe.event("invoice.paid", stripe.invoice(), "evt_2")
    tell(world, sold(1))
    tell(world, paid)
    with counting(world.db) as calls:
        assert tell(world, paid).status is None
    assert (calls.read_rpcs, calls.commits) == (1, 0)
