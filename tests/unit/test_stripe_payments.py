"""What Stripe's events say of payments: invoices, checkouts, refunds and disputes."""

from __future__ import annotations

from typing import Any

import pytest

from genquota.billing.domain.provider_events import Charge, Dispute, Item, ProviderEvent, Purchase
from genquota.billing.domain.subscription_facts import Invoice, Period, SubscriptionUpdate
from genquota.billing.stripe.events import read_event, with_facts
from genquota.billing.stripe.payments import lacks_items, with_items
from tests import stripe_payloads as stripe
from tests.stripe_payloads import MONTH, START

Json = dict[str, Any]


def read(type_: str, about: Json) -> ProviderEvent:
    event, found = read_event(stripe.event(type_, about))
    return with_facts(event, found).with_sold_plans({})


def answer(about: Json, type_: str) -> SubscriptionUpdate:
    update = read(type_, about).subscription
    assert update is not None
    return update


PAID = Invoice(is_paid=True, period=Period(START, START + MONTH))


@pytest.mark.parametrize("about", [stripe.invoice(), stripe.older_invoice()], ids=["new", "old"])
def test_an_invoice_names_its_subscription_where_it_does_now_and_where_it_did(about: Json) -> None:
    """D7"""
    for type_ in ("invoice.paid", "invoice.payment_succeeded"):
        assert (answer(about, type_).id, answer(about, type_).invoice) == ("sub_1", PAID)
    failed = answer(about, "invoice.payment_failed").invoice
    assert failed == Invoice(is_paid=False, period=Period(START, START + MONTH))


def test_an_invoice_without_subscription_says_nothing() -> None:
    """D6"""
    assert read("invoice.paid", stripe.invoice(subscription_id=None)).is_meaningful is False


def test_an_invoice_of_a_change_within_a_period_says_nothing() -> None:
    """D8"""
    assert read("invoice.paid", stripe.invoice(proration=True)).is_meaningful is False


def test_an_invoice_without_lines_says_nothing() -> None:
    about = stripe.invoice()
    del about["lines"]
    assert read("invoice.paid", about).is_meaningful is False


def test_a_checkout_says_who_the_customer_is() -> None:
    event = read("checkout.session.completed", stripe.checkout("subscription"))
    assert (event.customer_id, event.user_id) == ("cus_1", "ada")


def test_a_checkout_of_a_subscription_may_sell_packs_beside_it() -> None:
    event = read("checkout.session.completed", stripe.checkout("subscription"))
    assert event.purchase == Purchase("cs_1", must_be_known=False, amount=500)


def test_what_the_server_wrote_counts_more_than_what_came_with_the_link() -> None:
    about = stripe.checkout("subscription", "eve", metadata={"userId": "ada"})
    assert read("checkout.session.completed", about).user_id == "ada"


@pytest.mark.parametrize("type_", ["completed", "async_payment_succeeded"])
def test_a_checkout_that_was_paid_is_a_purchase_of_what_it_names(type_: str) -> None:
    about = stripe.checkout(metadata={"packId": "small"})
    event = read(f"checkout.session.{type_}", about)
    assert event.purchase == Purchase("pi_1", pack_id="small", amount=500)
    assert lacks_items(event) is True, "how many, its line items say"


def test_a_checkout_that_names_no_pack_is_one_of_its_line_items() -> None:
    event = read("checkout.session.completed", stripe.checkout())
    assert lacks_items(event) is True
    sold = {"id": "li_1", "price": {"id": "price_credits", "product": "prod_1"}, "quantity": 3}
    items = with_items(event, [sold])
    assert items.purchase == Purchase("pi_1", (Item(("price_credits", "prod_1"), 3),), amount=500)


def test_a_checkout_may_bring_its_line_items_along() -> None:
    sold = {"id": "li_1", "price": {"id": "price_credits"}, "quantity": 2}
    event = read("checkout.session.completed", stripe.checkout(line_items={"data": [sold]}))
    assert event.purchase == Purchase("pi_1", (Item(("price_credits",), 2),), amount=500)
    assert lacks_items(event) is False


def test_a_checkout_that_does_not_speak_of_a_payment_says_who_the_customer_is_all_the_same() -> (
    None
):
    about = stripe.checkout("subscription")
    del about["payment_status"]
    event = read("checkout.session.completed", about)
    assert (event.customer_id, event.user_id, event.purchase) == ("cus_1", "ada", None)


def test_a_checkout_that_is_not_paid_yet_sells_nothing() -> None:
    unpaid = stripe.checkout(payment_status="unpaid", metadata={"packId": "small"})
    assert read("checkout.session.completed", unpaid).purchase is None


def test_a_checkout_that_costs_nothing_goes_by_its_own_id() -> None:
    free = stripe.checkout(payment_status="no_payment_required", payment_intent=None)
    purchase = read("checkout.session.completed", free).purchase
    assert purchase is not None
    assert purchase.payment_id == "cs_1"


def test_a_refund_says_how_much_came_back_so_far() -> None:
    assert read("charge.refunded", stripe.charge(200)).charge == Charge("pi_1", 200, 500)
    assert read("charge.refunded", stripe.charge(payment=None)).is_meaningful is False


@pytest.mark.parametrize(
    ("status", "held_back"),
    [
        ("needs_response", True),
        ("under_review", True),
        ("lost", True),
        ("won", False),
        ("warning_needs_response", False),
        ("warning_closed", False),
    ],
)
def test_a_dispute_holds_back_until_it_is_won(status: str, *, held_back: bool) -> None:
    event = read("charge.dispute.closed", stripe.dispute(status))
    assert event.dispute == Dispute("pi_1", held_back, "dp_1")
