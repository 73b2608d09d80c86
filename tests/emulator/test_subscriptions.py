"""What events of subscriptions do: plans at once, downgrades later, ends by themselves, whoever sold it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.environment import START, row
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.rpc_counter import Calls, counting
from tests.stripe_payloads import MONTH, PLUS, PRO, seconds

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA = {"metadata": {"userId": "ada"}}


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.check()


def sold(number: int, price: str = PLUS, type_: str = "updated", **fields: Any) -> Json:  # noqa: ANN401
    """Return an event about ada's subscription; each number is an hour after the one before."""
    about = stripe.subscription(price, **{**ADA, **fields})
    return stripe.event(
        f"customer.subscription.{type_}", about, f"evt_{number}", START + number * HOUR
    )


def test_a_purchase_begins_a_period_and_the_plan_at_once(env: Environment) -> None:
    env.generate()
    env.pass_time(hours=2)
    bought_at = START + HOUR
    assert send_event(env, sold(1, start=bought_at)).status == "processed"
    assert row(env.check()) == (100, 0, 0), "a period of its own, of which nothing is used"
    user = env.user()
    assert (user["subscription"]["id"], user["subscription"]["planId"]) == ("sub_1", "plus")
    assert (user["lastResetDate"], user["nextResetDate"]) == (bought_at, bought_at + MONTH)
    assert user["usage"]["planId"] == "plus"


def test_a_subscriptions_document_says_what_the_contract_says(env: Environment) -> None:
    send_event(env, sold(1, trial_start=None))
    document = env._read("subscriptions/sub_1")
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


def test_an_upgrade_counts_at_once_and_what_was_used_stays_used(env: Environment) -> None:
    """D12"""
    send_event(env, sold(1))
    env.grant("gift", 5)
    env.generate()
    send_event(env, sold(2, PRO))
    assert row(env.check()) == (1000, 1, 0)
    assert env.check().grants_remaining == 5


def test_a_downgrade_waits_for_the_end_of_the_paid_period(env: Environment) -> None:
    """D11"""
    send_event(env, sold(1, PRO))
    send_event(env, sold(2, PLUS))
    assert plan_and_limit(env) == ("pro", 1000)
    env.now = START + MONTH + HOUR
    assert plan_and_limit(env) == ("plus", 100), "also if news of the renewal are late"
    send_event(env, sold(900, PLUS, start=START + MONTH))
    assert plan_and_limit(env) == ("plus", 100)


def test_up_down_and_up_again_mints_nothing(env: Environment) -> None:
    """D10"""
    send_event(env, sold(1))
    env.create(credits=30, by=None)
    for number, price in enumerate((PRO, PLUS, PRO, PLUS, PRO), 2):
        send_event(env, sold(number, price))
        assert row(env.check()) == (1000, 0, 30)
    assert env.closed("period") == []


def test_a_renewal_begins_the_next_period_once(env: Environment) -> None:
    send_event(env, sold(1))
    env.generate()
    env.now = START + MONTH + DAY
    renewal = sold(800, start=START + MONTH)
    assert send_event(env, renewal).status == "processed"
    assert send_event(env, renewal).status is None
    assert row(env.check()) == (100, 0, 0)
    assert [closed["used"] for closed in env.closed("period")] == [1]
    assert env.user()["nextResetDate"] == datetime(2027, 5, 16, 9, tzinfo=UTC), "as Stripe says"


def test_late_news_of_a_renewal_throws_nobody_out(env: Environment) -> None:
    send_event(env, sold(1))
    env.now = START + MONTH + 23 * HOUR
    assert plan_and_limit(env) == ("plus", 100)
    env.now = START + MONTH + 24 * HOUR
    assert plan_and_limit(env) == ("free", 10)


def test_what_will_not_renew_ends_with_its_period_without_any_job(env: Environment) -> None:
    send_event(env, sold(1, cancel_at_period_end=True))
    env.now = START + MONTH - HOUR
    assert plan_and_limit(env) == ("plus", 100)
    env.now = START + MONTH
    assert plan_and_limit(env) == ("free", 10)


def test_what_is_ended_at_once_falls_back_at_once(env: Environment) -> None:
    send_event(env, sold(1))
    env.now = START + 3 * HOUR
    send_event(env, sold(2, type_="deleted", status="canceled", ended_at=seconds(START + 2 * HOUR)))
    assert plan_and_limit(env) == ("free", 10)
    assert env.user()["subscription"] is None
    assert env._read("subscriptions/sub_1")["status"] == "canceled"


def test_what_somebody_wrote_by_hand_ends_when_its_provider_says_so(env: Environment) -> None:
    env.subscribe(START, START + MONTH, id="sub_1", planId="plus")
    send_event(
        env,
        sold(1, type_="deleted", status="canceled", ended_at=seconds(START), id_="sub_2"),
    )
    assert plan_and_limit(env) == ("plus", 100), "that was another one"
    send_event(env, sold(2, type_="deleted", status="canceled", ended_at=seconds(START)))
    assert plan_and_limit(env) == ("free", 10)
    assert env.user()["subscription"] is None


def test_past_due_counts_until_its_grace_is_over(env: Environment) -> None:
    unpaid = sold(800, status="past_due", start=START + MONTH)
    send_event(env, sold(1))
    env.now = START + MONTH + 2 * HOUR
    send_event(env, unpaid)
    env.now = START + MONTH + 10 * DAY
    assert plan_and_limit(env) == ("plus", 100), "by default like a paid one"
    env.set_policy(past_due_grace=3 * DAY)
    assert plan_and_limit(env) == ("free", 10)
    env.now = START + MONTH + 3 * DAY - HOUR
    assert plan_and_limit(env) == ("plus", 100)


def test_an_invoice_that_fails_makes_it_past_due_and_one_that_is_paid_lifts_it(
    env: Environment,
) -> None:
    send_event(env, sold(1))
    send_event(
        env,
        stripe.event("invoice.payment_failed", stripe.invoice(), "evt_i1", START + 2 * HOUR),
    )
    assert env.user()["subscription"]["status"] == "past_due"
    send_event(env, stripe.event("invoice.paid", stripe.invoice(), "evt_i2", START + 3 * HOUR))
    assert env.user()["subscription"]["status"] == "active"


def test_of_an_unpaid_and_an_active_subscription_the_active_one_counts(
    env: Environment,
) -> None:
    """D5: not the last event."""
    send_event(env, sold(1))
    send_event(env, sold(2, PRO, id_="sub_2", status="unpaid"))
    assert plan_and_limit(env) == ("plus", 100)


def test_of_several_the_highest_rank_counts_then_the_latest_end(env: Environment) -> None:
    """D5"""
    send_event(env, sold(1, PRO))
    send_event(env, sold(2, PLUS, id_="sub_2", end=START + 3 * MONTH))
    assert env.user()["subscription"]["id"] == "sub_1"
    send_event(env, sold(3, PRO, id_="sub_3", end=START + 2 * MONTH))
    assert env.user()["subscription"]["id"] == "sub_3"
    env.now = START + 2 * MONTH + 2 * DAY
    assert plan_and_limit(env) == ("plus", 100), "what is left counts by itself"


def test_a_customer_who_is_unknown_gets_all_that_waited_when_they_are_known(
    env: Environment,
) -> None:
    """D6"""
    nobody: dict[str, Any] = {"metadata": {}}
    assert send_event(env, sold(1, **nobody)).problem == "unknown-customer"
    assert send_event(env, sold(2, PRO, id_="sub_2", **nobody)).problem == "unknown-customer"
    assert env._read("subscriptions/sub_2")["userId"] is None
    assert plan_and_limit(env) == ("free", 10)
    known = stripe.event("checkout.session.completed", stripe.checkout("subscription"), "evt_3")
    assert send_event(env, known).status == "processed"
    assert plan_and_limit(env) == ("pro", 1000)
    assert env.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}
    receipts = [env._read(f"webhookEvents/stripe_evt_{n}") for n in (1, 2, 3)]
    assert [receipt["status"] for receipt in receipts] == ["processed"] * 3
    assert all(receipt["userId"] == "ada" for receipt in receipts)


def test_an_operator_who_names_the_customer_brings_along_all_that_waited(
    env: Environment,
) -> None:
    """D6"""
    first, second = sold(1, metadata={}), sold(2, PRO, id_="sub_2", metadata={})
    send_event(env, first)
    send_event(env, second)
    env.db.document("customers/stripe_cus_1").update({"userId": "ada"})
    assert send_event(env, first).status == "processed"
    assert env.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_a_customer_is_by_an_operators_hand_no_checkout_says_otherwise(
    env: Environment, when: str
) -> None:
    """Whoever follows a payment link may put any name into it."""
    customer = env.db.document("customers/stripe_cus_1")
    linked = stripe.checkout("subscription", "mallory")
    events = [stripe.event("checkout.session.completed", linked, f"evt_{n}") for n in (1, 2)]
    if when == "after":
        send_event(env, events[0])
    customer.set({"userId": "ada"}, merge=True)
    send_event(env, sold(3, metadata={}))
    send_event(env, events[1])
    assert plan_and_limit(env) == ("plus", 100)
    assert plan_and_limit(env, "mallory") == ("free", 10)


def test_two_customers_may_be_one_user(env: Environment) -> None:
    """D6"""
    send_event(env, sold(1))
    send_event(env, sold(2, PRO, id_="sub_2", customer="cus_2"))
    assert env.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}


def test_a_product_that_stands_in_no_plan_gives_nothing_and_is_kept(env: Environment) -> None:
    event = sold(1, "price_unheard_of")
    assert send_event(env, event).problem == "unknown-product"
    assert plan_and_limit(env) == ("free", 10)
    receipt = env._read("webhookEvents/stripe_evt_1")
    assert receipt["products"] == ["price_unheard_of", "prod_price_unheard_of"]
    products = {"stripe": ["prod_price_unheard_of"]}
    env.plan("plus", limits={"period": 100}, rank=1, products=products)
    assert send_event(env, event).status == "processed"
    assert plan_and_limit(env) == ("plus", 100)


def test_editing_the_catalogue_takes_nobodys_plan_or_credits(env: Environment) -> None:
    """D13"""
    send_event(env, sold(1))
    send_event(env, stripe.event("checkout.session.completed", _pack(), "evt_2"))
    env.generate()
    env.plan("plus", limits={"period": 50}, rank=1, products={"stripe": []})
    env.db.document("packs/small").set({"credits": 1})
    assert row(env.check()) == (50, 1, 0)
    assert env.check().grants_remaining == 50
    assert send_event(env, sold(3, cancel_at_period_end=True)).problem == "unknown-product"
    assert plan_and_limit(env) == ("plus", 50), "what was paid for is kept until the period's end"


def _pack() -> Json:
    return stripe.checkout(metadata={"packId": "small"})


def test_use_in_a_trial_is_counted_and_the_paid_period_begins_anew(env: Environment) -> None:
    """D14"""
    until = START + 14 * DAY
    trial: dict[str, Any] = {
        "status": "trialing",
        "end": until,
        "billing_cycle_anchor": seconds(until),
    }
    send_event(env, sold(1, **trial, trial_start=seconds(START), trial_end=seconds(until)))
    env.generate()
    assert plan_and_limit(env) == ("plus", 100)
    assert row(env.check())[1] == 1
    env.now = until + HOUR
    send_event(env, sold(340, start=until, end=until + MONTH))
    assert row(env.check()) == (100, 0, 0)
    assert sum(closed["used"] for closed in env.closed("period")) == 1


def test_a_user_without_a_document_gets_what_they_hold_and_their_first_call_the_rest(
    env: Environment,
) -> None:
    send_event(env, sold(1, metadata={"userId": "new"}))
    assert env.user("new").keys() == {"quota", "subscription", "updatedAt"}
    assert env.user("new")["subscription"]["planId"] == "plus"
    assert plan_and_limit(env, "new") == ("plus", 100)
    assert env.check("new").plan_id == "plus"
    assert env.user("new")["role"] == "user"


def test_a_document_that_the_app_made_keeps_its_fields(env: Environment) -> None:
    env.db.document("users/new").set({"nickname": "Ann"})
    send_event(env, sold(1, metadata={"userId": "new"}))
    assert env.user("new").keys() == {"nickname", "quota", "subscription", "updatedAt"}


def test_a_deleted_user_is_not_brought_back(env: Environment) -> None:
    """E12"""
    send_event(env, sold(1))
    tombstone = {"isDeleted": True, "deletedAt": START}
    env.db.document("users/ada").set(tombstone)
    for number, payload in enumerate(
        (
            sold(2, PRO),
            stripe.event("checkout.session.completed", _pack(), "evt_3", START + 3 * HOUR),
            revenuecat.event("INITIAL_PURCHASE"),
        )
    ):
        assert send_event(env, payload).problem == "deleted-user", number
    assert env.user() == tombstone
    assert env._read("subscriptions/sub_1")["planId"] == "pro", "who comes next may be given it"
    assert env._read("webhookEvents/stripe_evt_2")["status"] == "ignored"


def test_a_transfer_takes_everything_from_the_old_user(env: Environment) -> None:
    """D15: removed entitlements vanish, nothing is merged."""
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    assert plan_and_limit(env) == ("plus", 100)
    send_event(env, revenuecat.transfer(["ada"], ["bob"], "t1", START + HOUR))
    assert (plan_and_limit(env), plan_and_limit(env, "bob")) == (
        ("free", 10),
        ("plus", 100),
    )
    assert "subscriptions" not in env.user()["quota"] or not env.user()["quota"]["subscriptions"]
    assert env.user()["subscription"] is None
    assert env._read("subscriptions/100000000000001")["userId"] == "bob"


def test_a_transfer_to_somebody_deleted_takes_it_from_the_old_user_all_the_same(
    env: Environment,
) -> None:
    """D15, E12"""
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START))
    tombstone = {"isDeleted": True, "deletedAt": START}
    env.db.document("users/bob").set(tombstone)
    send_event(env, revenuecat.transfer(["ada"], ["bob"], "t1", START + HOUR))
    assert plan_and_limit(env) == ("free", 10)
    assert env.user("bob") == tombstone


@pytest.mark.parametrize("nonsense", ["a/b", "__x__", "..", "x" * 129, "tab\tbed"])
def test_a_checkout_that_names_what_can_be_no_user_is_one_of_somebody_unknown(
    env: Environment, nonsense: str
) -> None:
    bought = stripe.checkout("subscription", nonsense)
    event = stripe.event("checkout.session.completed", bought, "evt_1")
    assert send_event(env, event).problem == "unknown-customer"


def test_what_was_bought_before_signing_in_is_had_after_it(env: Environment) -> None:
    nobody: dict[str, Any] = {
        "app_user_id": revenuecat.ANONYMOUS,
        "original_app_user_id": revenuecat.ANONYMOUS,
    }
    first = revenuecat.event("INITIAL_PURCHASE", "r1", START, **nobody)
    assert send_event(env, first).problem == "unknown-customer"
    send_event(env, revenuecat.transfer([revenuecat.ANONYMOUS], ["ada"], "t1", START + HOUR))
    assert plan_and_limit(env) == ("plus", 100)
    assert env._read("webhookEvents/revenuecat_r1")["status"] == "processed"


def test_an_event_of_a_known_customer_is_two_reads_and_one_commit(env: Environment) -> None:
    send_event(env, sold(1))
    env.set_policy(plan_cache=DAY)
    send_event(env, sold(2))
    with counting(env.db) as calls:
        send_event(env, sold(3, metadata={}, cancel_at_period_end=True))
    assert (calls.queries, calls.read_rpcs, calls.documents_read) == (0, 2, 4)
    assert calls.read_paths[3:] == ["users/ada"]
    assert (calls.commits, calls.writes) == (1, 3)
    assert sorted(calls.written_paths) == [
        "subscriptions/sub_1",
        "users/ada",
        "webhookEvents/stripe_evt_3",
    ]


def test_from_a_plain_event_to_the_new_limit_is_three_calls_five_reads_and_four_writes(
    env: Environment,
) -> None:
    env.set_policy(plan_cache=DAY)
    env.check("bob")
    send_event(env, sold(1, metadata={"userId": "bob"}, id_="sub_2", customer="cus_2"))
    env.check("bob")
    env.check()
    with counting(env.db) as calls:
        send_event(env, sold(2, type_="created"))
        assert plan_and_limit(env) == ("plus", 100)
    assert calls == Calls(read_rpcs=2, documents_read=5, commits=1, writes=4)


def test_an_event_that_names_the_user_is_one_read_and_one_commit(env: Environment) -> None:
    send_event(env, sold(1))
    env.set_policy(plan_cache=DAY)
    send_event(env, sold(2))
    with counting(env.db) as calls:
        send_event(env, sold(3, cancel_at_period_end=True))
    assert (calls.queries, calls.read_rpcs, calls.documents_read) == (0, 1, 4)
    assert (calls.commits, calls.writes) == (1, 4), "the customer, too: who they are was said anew"
    with counting(env.db) as calls:
        send_event(env, sold(3, cancel_at_period_end=True))
    assert (calls.read_rpcs, calls.commits) == (1, 0)


def test_an_event_that_comes_again_is_one_read_also_if_it_does_not_name_the_user(
    env: Environment,
) -> None:
    paid = stripe.event("invoice.paid", stripe.invoice(), "evt_2")
    send_event(env, sold(1))
    send_event(env, paid)
    with counting(env.db) as calls:
        assert send_event(env, paid).status is None
    assert (calls.read_rpcs, calls.commits) == (1, 0)
