"""Stripe's events in our language, in the form of its newest API and of the older one."""

from __future__ import annotations

from typing import Any

import pytest

from genquota.billing.domain.entitlements import entitlement
from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.domain.subscription_facts import ScheduledChange, SoldPlan, SubscriptionUpdate
from genquota.billing.domain.subscription_reducer import apply_event_to_subscription
from genquota.billing.stripe.events import (
    read_event,
    with_facts,
)
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.errors import InvalidArgument
from tests import stripe_payloads as stripe
from tests.stripe_payloads import MONTH, PRO, START, seconds

Json = dict[str, Any]
DAY = MONTH / 31


def read(type_: str, about: Json) -> ProviderEvent:
    event, found = read_event(stripe.event(type_, about))
    return with_facts(event, found)


def answer(about: Json, type_: str = "customer.subscription.updated") -> SubscriptionUpdate:
    update = read(type_, about).subscription
    assert update is not None
    return update


def standing_of(about: Json, type_: str = "customer.subscription.updated") -> Any:  # noqa: ANN401
    """Return what a subscription comes to of which nothing else was reported."""
    event = read(type_, about).with_sold_plans({"price_plus": SoldPlan("plus", 1)})
    record = apply_event_to_subscription(None, event)
    assert record is not None
    return entitlement(record)


@pytest.mark.parametrize("form", ["newest", "before 2025-03-31"])
def test_the_period_is_found_on_the_item_and_on_the_subscription(form: str) -> None:
    """D7"""
    about = stripe.subscription()
    standing = standing_of(about if form == "newest" else stripe.older(about))
    assert (standing.period_start, standing.period_end) == (START, START + MONTH)
    assert standing.anchor == START
    assert standing.products == ("price_plus", "prod_price_plus")


@pytest.mark.parametrize(
    "field", ["id", "customer", "status", "items", "current_period_start", "current_period_end"]
)
def test_a_subscription_without_a_field_that_is_needed_is_an_error(field: str) -> None:
    """D7: no silence."""
    about = stripe.older(stripe.subscription())
    del about[field]
    with pytest.raises(InvalidArgument):
        read("customer.subscription.updated", about)


def test_errors_name_the_field_and_not_what_was_sent() -> None:
    about = {**stripe.subscription(), "status": ["secret"]}
    with pytest.raises(InvalidArgument) as refused:
        read("customer.subscription.updated", about)
    assert refused.value.fields == (("status", "string_type"),)


def test_of_several_items_all_are_named_and_the_period_of_the_plan_counts() -> None:
    """The longest one did until an item that is no plan could lengthen one that is."""
    about = stripe.subscription()
    about["items"]["data"].append(stripe.item(PRO, START, START + 12 * MONTH))
    standing = standing_of(about)
    assert {"price_plus", "price_pro"} <= set(standing.products)
    assert (standing.plan_id, standing.period_end) == ("plus", START + MONTH)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", SubscriptionStatus.ACTIVE),
        ("trialing", SubscriptionStatus.TRIALING),
        ("past_due", SubscriptionStatus.PAST_DUE),
        ("canceled", SubscriptionStatus.CANCELED),
        ("paused", SubscriptionStatus.PAUSED),
        ("incomplete", SubscriptionStatus.INCOMPLETE),
        ("incomplete_expired", SubscriptionStatus.EXPIRED),
        ("unpaid", SubscriptionStatus.EXPIRED),
    ],
)
def test_each_of_stripes_states_has_ours(word: str, status: SubscriptionStatus) -> None:
    standing = standing_of(stripe.subscription(status=word))
    assert (standing.status, standing.provider_status) == (status, word)


def test_a_state_that_stripe_has_invented_since_is_an_error() -> None:
    with pytest.raises(InvalidArgument):
        read("customer.subscription.updated", stripe.subscription(status="snoozed"))


def test_what_is_past_due_is_unpaid_since_its_period_began() -> None:
    assert standing_of(stripe.subscription(status="past_due")).unpaid_since == START
    assert standing_of(stripe.subscription()).unpaid_since is None


def test_what_was_ended_at_once_ends_then_and_not_with_its_period() -> None:
    ended = stripe.subscription(status="canceled", ended_at=seconds(START + DAY))
    assert standing_of(ended, "customer.subscription.deleted").period_end == START + DAY
    canceled = stripe.subscription(status="canceled")
    assert standing_of(canceled).period_end == START + MONTH, "paid for until then"


def test_a_trial_has_its_dates() -> None:
    until = seconds(START + 14 * DAY)
    about = stripe.subscription(status="trialing", trial_start=seconds(START), trial_end=until)
    standing = standing_of(about, "customer.subscription.trial_will_end")
    assert (standing.trial_start, standing.trial_end) == (START, START + 14 * DAY)


@pytest.mark.parametrize(
    ("fields", "renews"),
    [
        ({}, True),
        ({"cancel_at_period_end": True}, False),
        ({"cancel_at": seconds(START + MONTH)}, False),
        ({"cancel_at": seconds(START + 3 * MONTH)}, True),
    ],
)
def test_whether_it_renews(fields: Json, *, renews: bool) -> None:
    assert standing_of(stripe.subscription(**fields)).cancel_at_period_end is not renews
    assert answer(stripe.subscription(**fields)).change == ScheduledChange()


@pytest.mark.parametrize("verb", ["created", "updated", "deleted", "paused", "resumed"])
def test_all_events_of_a_subscription_say_how_it_stands(verb: str) -> None:
    assert standing_of(stripe.subscription(), f"customer.subscription.{verb}").products


def test_the_shops_server_may_name_the_user_in_a_subscriptions_metadata() -> None:
    named = read("customer.subscription.created", stripe.subscription(metadata={"userId": "ada"}))
    assert (named.customer_id, named.user_id) == ("cus_1", "ada")
    nameless = read("customer.subscription.created", stripe.subscription())
    assert nameless.user_id is None


def test_whole_objects_may_stand_where_an_id_stands() -> None:
    about = stripe.subscription()
    about["customer"] = {"id": "cus_7", "object": "customer", "email": "ada@example.com"}
    assert read("customer.subscription.updated", about).customer_id == "cus_7"


@pytest.mark.parametrize(
    "type_", ["customer.created", "customer.subscription.pending_update_applied"]
)
def test_other_types_say_nothing(type_: str) -> None:
    event = read(type_, {"id": "x", "object": "whatever"})
    assert event == ProviderEvent(Provider.STRIPE, "evt_1", type_, START)
    assert event.is_meaningful is False


@pytest.mark.parametrize("body", [None, 5, [], {}, {"id": "evt_1"}, {"id": "", "type": "x"}])
def test_what_is_no_event_is_an_error(body: object) -> None:
    with pytest.raises(InvalidArgument):
        read_event(body)
