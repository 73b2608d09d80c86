"""Records as the release before form 2 wrote them are understood, and mean what they meant."""

# ruff: noqa: E501 - the texts stand here as they stand in documents
from __future__ import annotations

from dataclasses import replace

from genquota.billing.domain.customers import CustomerRecord, owner_of_payment
from genquota.billing.domain.entitlements import entitlement
from genquota.billing.domain.lww_registers import EARLIEST, Version
from genquota.billing.domain.provider_events import Dispute, ProviderEvent
from genquota.billing.domain.purchases import PaymentRecord, apply_event_to_payment
from genquota.billing.domain.subscription_reducer import (
    SubscriptionRecord,
    apply_event_to_subscription,
)
from genquota.billing.store.billing_form_1 import (
    customer_of_form_1,
    payment_of_form_1,
    subscription_of_form_1,
)
from genquota.billing.store.record_codec import record_from_text, record_to_text
from genquota.domain.enums import Provider, SubscriptionStatus
from tests.unit.provider_histories import Life, snapshot
from tests.unit.samples import at

STRIPE = '{"announcement":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":{"plan":["free",0],"products":[["price_free"]]}},"holder":{"stamp":["2027-03-15T10:00:00+00:00","evt_2"],"value":"cus_1"},"id":"sub_1","invoice":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":{"is_paid":true,"period_end":"2027-04-15T09:00:00+00:00","period_start":"2027-03-15T09:00:00+00:00"}},"paid_plans":{"plus":1},"paid_start":"2027-03-15T09:00:00+00:00","provider":"stripe","renews":{"stamp":["2027-03-15T10:00:00+00:00","evt_2"],"value":false},"standing":{"stamp":["2027-03-15T10:00:00+00:00","evt_2"],"value":{"anchor":"2027-03-15T09:00:00+00:00","period_end":"2027-04-15T09:00:00+00:00","period_start":"2027-03-15T09:00:00+00:00","plan":["plus",1],"products":[["price_plus"],["prod_plus"]],"provider_status":"past_due","status":"past_due","trial_end":null,"trial_start":null,"unpaid_since":"2027-03-15T09:00:00+00:00"}}}'
REVENUECAT = '{"announcement":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":{"plan":null,"products":[]}},"holder":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":"ada"},"id":"1000","invoice":null,"paid_plans":{},"paid_start":null,"provider":"revenuecat","renews":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":true},"standing":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":{"anchor":"2027-03-15T09:00:00+00:00","period_end":"2027-04-15T09:00:00+00:00","period_start":"2027-03-15T09:00:00+00:00","plan":["plus",1],"products":[["com.app.plus"]],"provider_status":"INITIAL_PURCHASE","status":"trialing","trial_end":"2027-04-15T09:00:00+00:00","trial_start":"2027-03-15T09:00:00+00:00","unpaid_since":null}}}'
CUSTOMER = '{"id":"cus_1","moves":[],"payments":["pi_9"],"receipts":["stripe_evt_9"],"subscriptions":["sub_1"],"user":{"stamp":["2027-03-15T09:00:00+00:00","evt_1"],"value":"ada"}}'
CUSTOMER_BY_HAND = '{"id":"ada","moves":[{"stamp":["2027-03-15T10:00:00+00:00","evt_2"],"value":"bob"}],"payments":[],"receipts":[],"subscriptions":["1000"],"user":{"stamp":["9999-12-31T23:59:59.999999+00:00",""],"value":"eve"}}'
GIVEN = '{"customer_id":"cus_1","dispute":{"stamp":["2027-03-15T10:00:00+00:00","evt_2"],"value":{"is_held_back":false,"payment_id":"pi_1"}},"grants":[{"credits":50,"expires_at":null,"id":"pi_1"}],"id":"pi_1","provider":"stripe","refund":{"stamp":["2027-03-15T10:00:00+00:00","evt_2"],"value":{"paid":500,"payment_id":"pi_1","returned":250}},"user_id":"ada"}'
WAITING = '{"customer_id":"$RCAnonymousID:1","dispute":null,"grants":[{"credits":50,"expires_at":"2027-04-15T09:00:00+00:00","id":"pi_2"}],"id":"pi_2","provider":"revenuecat","refund":null,"user_id":null}'

START, END = at("2027-03-15T09:00"), at("2027-04-15T09:00")


def subscription(text: str) -> SubscriptionRecord:
    return record_from_text(SubscriptionRecord, text, subscription_of_form_1)


def payment(text: str) -> PaymentRecord:
    return record_from_text(PaymentRecord, text, payment_of_form_1)


def customer(text: str) -> CustomerRecord:
    return record_from_text(CustomerRecord, text, customer_of_form_1)


def test_a_subscription_comes_to_what_it_came_to() -> None:
    found = entitlement(subscription(STRIPE))
    assert found is not None
    assert (found.status, found.plan_id, found.next_plan_id) == (
        SubscriptionStatus.PAST_DUE,
        "plus",
        "free",
    )
    assert (found.period_start, found.period_end, found.anchor) == (START, END, START)
    assert found.cancel_at_period_end is True
    assert found.products == ("price_plus", "prod_plus")


def test_which_of_several_items_was_the_plans_is_not_known() -> None:
    (paid,) = subscription(STRIPE).paid_plans.values()
    assert paid.names == ("price_plus", "prod_plus")
    both = STRIPE.replace('["price_plus"],["prod_plus"]', '["price_seat","price_plus"],["a","b"]')
    (paid,) = subscription(both).paid_plans.values()
    assert (paid.rank, paid.names) == (1, ())


def test_a_subscription_of_a_store_in_trial_is_one() -> None:
    found = entitlement(subscription(REVENUECAT))
    assert found is not None
    assert (found.status, found.plan_id, found.trial_end) == (
        SubscriptionStatus.TRIALING,
        "plus",
        END,
    )
    record = subscription(REVENUECAT)
    assert record.status is not None
    assert record.status.version == Version(START, START, 1, "evt_1")


def test_events_since_count_more_and_events_before_do_not() -> None:
    old = subscription(STRIPE)
    newer = replace(snapshot(Life(renews=True), 3), at=at("2027-03-16"))
    older = replace(snapshot(Life(renews=True), 0), at=at("2027-03-15T09:30"))
    known = apply_event_to_subscription(old, newer)
    assert known is not None
    assert known.status is not None
    assert known.status.value.status is SubscriptionStatus.ACTIVE
    known = apply_event_to_subscription(old, older)
    assert known is not None
    assert (known.status, known.period, known.bought) == (old.status, old.period, old.bought)


def test_a_customer_is_whom_the_record_named() -> None:
    found = customer(CUSTOMER)
    assert (found.user_id, found.by_hand) == ("ada", None)
    assert found.subscriptions == {"sub_1"}
    assert found.payments == {"pi_9"}
    assert found.receipts == {"stripe_evt_9"}


def test_a_customer_who_was_written_by_hand_still_is() -> None:
    found = customer(CUSTOMER_BY_HAND)
    assert (found.user_id, found.by_hand, found.users) == ("eve", "eve", ())
    assert [move.value for move in found.moves] == ["bob"]


def test_a_payment_that_was_given_stays_with_whom_it_was_given_to() -> None:
    found = payment(GIVEN)
    assert owner_of_payment(found.ownership, {}).user_id == "ada"
    assert (found.left_of(50), found.is_taken_back) == (25, False)


def test_a_payment_that_waited_goes_to_the_first_who_is_known() -> None:
    found = payment(WAITING)
    assert found.ownership.customer is not None
    assert found.ownership.customer.version == Version(EARLIEST, EARLIEST, 1, "")
    assert (found.user_id, found.left_of(50)) == (None, 50)


def test_a_dispute_that_was_kept_without_its_id_is_the_one_that_ends() -> None:
    held = payment(GIVEN.replace('"is_held_back":false', '"is_held_back":true'))
    assert held.is_taken_back is True
    won = ProviderEvent(
        Provider.STRIPE,
        "evt_9",
        "charge.dispute.closed",
        at("2027-03-20"),
        dispute=Dispute("pi_1", is_held_back=False, id="dp_1"),
    )
    known = apply_event_to_payment(held, won, {})
    assert known is not None
    assert known.is_taken_back is False


def test_what_is_written_now_is_read_as_it_was() -> None:
    for made, read in (
        (subscription(STRIPE), subscription),
        (customer(CUSTOMER), customer),
        (payment(GIVEN), payment),
    ):
        assert read(record_to_text(made, 2)) == made


def test_a_field_of_a_newer_release_is_left_out() -> None:
    text = record_to_text(customer(CUSTOMER), 2).replace("{", '{"colour":"red",', 1)
    assert customer(text) == customer(CUSTOMER)
