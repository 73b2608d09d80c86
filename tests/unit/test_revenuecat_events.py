"""RevenueCat's events in our language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from genquota.billing.domain.entitlements import entitlement
from genquota.billing.domain.provider_events import Charge, Item, ProviderEvent, Purchase, Transfer
from genquota.billing.domain.subscription_facts import (
    Cancellation,
    ScheduledChange,
    SubscriptionUpdate,
)
from genquota.billing.domain.subscription_reducer import apply_event_to_subscription
from genquota.billing.revenuecat.events import read_revenuecat
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.errors import InvalidArgument
from tests.revenuecat_payloads import ANONYMOUS, MONTH, START, event, milliseconds, transfer

DAY = timedelta(days=1)
END = START + MONTH


def update_of(type_: str, **fields: Any) -> SubscriptionUpdate:  # noqa: ANN401
    update = read_revenuecat(event(type_, **fields)).subscription
    assert update is not None
    return update


def standing_of(type_: str, **fields: Any) -> Any:  # noqa: ANN401
    """Return what a subscription comes to of which nothing else was reported."""
    record = apply_event_to_subscription(
        None, read_revenuecat(event(type_, **fields)).with_sold_plans({})
    )
    assert record is not None
    return entitlement(record)


@pytest.mark.parametrize("type_", ["INITIAL_PURCHASE", "RENEWAL", "UNCANCELLATION"])
def test_a_purchase_or_renewal_is_active_and_will_renew(type_: str) -> None:
    updated = update_of(type_)
    assert updated.id == "100000000000001"
    assert updated.cancellation == Cancellation(renews=True)
    standing = standing_of(type_)
    assert standing.status is SubscriptionStatus.ACTIVE
    assert (standing.period_start, standing.period_end) == (START, END)
    assert standing.anchor == START
    assert standing.products == ("com.app.plus",)


def test_the_user_is_the_app_user_id() -> None:
    found = read_revenuecat(event("RENEWAL"))
    assert (found.provider, found.customer_id, found.user_id) == (Provider.REVENUECAT, "ada", "ada")


def test_an_id_that_the_sdk_made_up_is_nobody() -> None:
    nameless = event("RENEWAL", app_user_id=ANONYMOUS, original_app_user_id=ANONYMOUS, aliases=[])
    found = read_revenuecat(nameless)
    assert (found.customer_id, found.user_id) == (ANONYMOUS, None)


def test_an_alias_names_who_had_not_signed_in() -> None:
    found = read_revenuecat(event("RENEWAL", app_user_id=ANONYMOUS, aliases=[ANONYMOUS, "ada"]))
    assert (found.customer_id, found.user_id) == (ANONYMOUS, "ada")


def test_a_trial_is_one() -> None:
    standing = standing_of("INITIAL_PURCHASE", period_type="TRIAL")
    assert standing.status is SubscriptionStatus.TRIALING
    assert (standing.trial_start, standing.trial_end) == (START, END)


@pytest.mark.parametrize("why", ["UNSUBSCRIBE", "DEVELOPER_INITIATED", "PRICE_INCREASE", "UNKNOWN"])
def test_a_cancellation_is_no_loss_of_access_but_it_will_not_renew(why: str) -> None:
    standing = standing_of("CANCELLATION", cancel_reason=why)
    assert (standing.status, standing.period_end) == (SubscriptionStatus.ACTIVE, END)
    assert standing.cancel_at_period_end is True


def test_a_refund_of_a_subscription_ends_it_then() -> None:
    standing = standing_of("CANCELLATION", at=START + DAY, cancel_reason="CUSTOMER_SUPPORT")
    assert standing.status is SubscriptionStatus.CANCELED
    assert standing.period_end == START + DAY


def test_a_refund_that_is_reversed_is_active_again() -> None:
    standing = standing_of("REFUND_REVERSED", at=START + 2 * DAY)
    assert (standing.status, standing.period_end) == (SubscriptionStatus.ACTIVE, END)


@pytest.mark.parametrize(
    ("type_", "fields"),
    [("BILLING_ISSUE", {}), ("CANCELLATION", {"cancel_reason": "BILLING_ERROR"})],
)
def test_a_billing_issue_is_past_due_since_what_was_paid_ended(
    type_: str, fields: dict[str, str]
) -> None:
    standing = standing_of(type_, **fields)
    assert standing.status is SubscriptionStatus.PAST_DUE
    assert (standing.unpaid_since, standing.period_end) == (END, END)
    assert update_of(type_, **fields).cancellation is None


def test_a_stores_own_grace_is_granted() -> None:
    grace = milliseconds(END + 6 * DAY)
    standing = standing_of("BILLING_ISSUE", grace_period_expiration_at_ms=grace)
    assert (standing.unpaid_since, standing.period_end) == (END, END + 6 * DAY)


def test_an_expiration_is_the_end() -> None:
    assert standing_of("EXPIRATION").status is SubscriptionStatus.EXPIRED
    paused = standing_of("EXPIRATION", expiration_reason="SUBSCRIPTION_PAUSED")
    assert paused.status is SubscriptionStatus.PAUSED


def test_a_pause_begins_at_the_end_of_the_period() -> None:
    standing = standing_of("SUBSCRIPTION_PAUSED")
    assert standing.status is SubscriptionStatus.ACTIVE
    assert standing.cancel_at_period_end is True


def test_an_extension_moves_the_end_and_says_nothing_of_renewal() -> None:
    assert standing_of("SUBSCRIPTION_EXTENDED", end=END + 7 * DAY).period_end == END + 7 * DAY
    assert update_of("SUBSCRIPTION_EXTENDED", end=END + 7 * DAY).cancellation is None


def test_a_product_change_is_announced_and_not_there_yet() -> None:
    updated = update_of("PRODUCT_CHANGE", new_product_id="com.app.pro")
    assert updated == SubscriptionUpdate(
        "100000000000001", change=ScheduledChange(("com.app.pro",)), transaction_at=START
    )


def test_googles_products_are_known_with_and_without_their_base_plan() -> None:
    standing = standing_of("RENEWAL", product_id="premium:monthly")
    assert standing.products == ("premium:monthly", "premium")


def test_what_is_sold_once_is_a_purchase() -> None:
    bought = event("NON_RENEWING_PURCHASE", end=None, product_id="com.app.credits")
    found = read_revenuecat(bought)
    assert found.purchase == Purchase("100000000000001", (Item(("com.app.credits",), 1),))
    assert found.subscription is not None
    assert found.subscription.is_single_purchase, "only if a plan names the product"


def test_a_refund_of_what_was_sold_once_takes_it_back_until_it_is_reversed() -> None:
    refunded = event("CANCELLATION", end=None, cancel_reason="CUSTOMER_SUPPORT")
    assert read_revenuecat(refunded).charge == Charge("100000000000001", 1, 1)
    reversed_ = event("REFUND_REVERSED", end=None)
    assert read_revenuecat(reversed_).charge == Charge("100000000000001", 0, 1)
    other = event("CANCELLATION", end=None, cancel_reason="UNKNOWN")
    assert read_revenuecat(other).charge is None


def test_a_transfer_goes_from_all_of_some_to_one() -> None:
    found = read_revenuecat(transfer(["bob", ANONYMOUS], [ANONYMOUS + "2", "eve"]))
    assert found.transfer == Transfer(("bob", ANONYMOUS), "eve")
    assert (found.customer_id, found.user_id) == ("eve", "eve")


def test_a_transfer_to_somebody_unknown_leaves_nobody_with_it() -> None:
    found = read_revenuecat(transfer(["bob"], [ANONYMOUS]))
    assert (found.customer_id, found.user_id) == (ANONYMOUS, None)


@pytest.mark.parametrize("type_", ["TEST", "SUBSCRIBER_ALIAS", "EXPERIMENT_ENROLLMENT", "NEW_ONE"])
def test_other_types_say_nothing(type_: str) -> None:
    payload = {"event": {"id": "r1", "type": type_, "event_timestamp_ms": milliseconds(START)}}
    found = read_revenuecat(payload)
    assert found == ProviderEvent(Provider.REVENUECAT, "r1", type_, START)
    assert found.is_meaningful is False


@pytest.mark.parametrize(
    "field", ["app_user_id", "product_id", "transaction_id", "purchased_at_ms"]
)
def test_an_event_without_a_field_that_is_needed_is_an_error(field: str) -> None:
    payload = event("RENEWAL")
    del payload["event"][field]
    with pytest.raises(InvalidArgument):
        read_revenuecat(payload)


def test_null_is_as_good_as_nothing() -> None:
    nulls = dict.fromkeys(("aliases", "transferred_from", "cancel_reason", "new_product_id"))
    assert update_of("RENEWAL", **nulls) == update_of("RENEWAL", aliases=[])
    with pytest.raises(InvalidArgument):
        update_of("RENEWAL", product_id=None)


def test_a_renewal_without_an_end_is_an_error() -> None:
    with pytest.raises(InvalidArgument):
        read_revenuecat(event("RENEWAL", end=None))


@pytest.mark.parametrize("body", [None, 5, [], {}, {"event": 5}, {"event": {"id": "r1"}}])
def test_what_is_no_event_is_an_error(body: object) -> None:
    with pytest.raises(InvalidArgument):
        read_revenuecat(body)


def test_times_are_kept_to_the_millisecond() -> None:
    late = timedelta(milliseconds=679)
    assert read_revenuecat(event("RENEWAL", at=START + late)).at == START + late
