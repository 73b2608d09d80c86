"""Whole requests of payment providers in; what changes, and what is refused."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest

from genquota.store import rpc
from genquota.store.rpc import RPC_RETRY
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.functions.app import WEBHOOKS
from tests.functions.stripe_server import StripeServer, stripe_server
from tests.functions.webhook_requests import (
    TOKEN,
    WHSEC,
    send_revenuecat_webhook,
    send_stripe_webhook,
    status_of,
    stripe_signature,
)
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud.firestore import Client

    from tests.functions.app import Answer, App
    from tests.functions.captured_logs import CapturedLogs
    from tests.functions.conftest import Travel

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def shop(db: Client, monkeypatch: pytest.MonkeyPatch, travel: Travel) -> None:
    """Sell the plan `plus` and the pack `small`, and stop the clock."""
    del travel
    products = {"stripe": ["price_plus"], "revenuecat": ["com.app.plus"]}
    db.document("plans/plus").set({"limits": {"period": 100}, "rank": 1, "products": products})
    credits = {"stripe": ["price_credits"], "revenuecat": ["com.app.credits"]}
    db.document("packs/small").set({"credits": 50, "products": credits})
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", WHSEC)
    monkeypatch.setenv("REVENUECAT_WEBHOOK_TOKEN", TOKEN)


@pytest.fixture
def stripes_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeServer]:
    with stripe_server() as server:
        monkeypatch.setenv("STRIPE_API_KEY", "sk_test_1")
        monkeypatch.setenv("STRIPE_API_BASE", server.url)
        yield server


@pytest.fixture
def names(app: App) -> Json:
    """Give ids that no other test uses."""
    return {"id_": f"sub_{secrets.token_hex(4)}", "customer": f"cus_{app.uid}"}


def sold(app: App, names: Json, type_: str = "created", id_: str = "", **fields: Any) -> Json:  # noqa: ANN401
    """Return an event about the app's user's subscription."""
    about = stripe.subscription(**names, metadata={"userId": app.uid}, **fields)
    event_id = id_ or f"evt_{secrets.token_hex(6)}"
    return stripe.event(f"customer.subscription.{type_}", about, event_id)


def test_a_signed_event_of_a_subscription_changes_the_limit_at_once(app: App, names: Json) -> None:
    assert app.ask("check_limit")["limit"] == 10
    assert status_of(send_stripe_webhook(app, sold(app, names))) == "processed"
    quota = app.ask("check_limit")
    assert (quota["planId"], quota["limit"]) == ("plus", 100)
    answers = app.ask("get_usage")["subscription"]
    assert (answers["id"], answers["status"], answers["planId"]) == (names["id_"], "active", "plus")


def test_a_redelivery_is_answered_and_does_nothing(app: App, db: Client, names: Json) -> None:
    """D1"""
    event = sold(app, names)
    assert status_of(send_stripe_webhook(app, event)) == "processed"
    before = contents(db)
    assert status_of(send_stripe_webhook(app, event)) == "duplicate"
    assert contents(db) == before


REFUSED: dict[str, Callable[[bytes], dict[str, str | None]]] = {
    "unsigned": lambda _: {"Stripe_Signature": None},
    "empty": lambda _: {"Stripe_Signature": ""},
    "nonsense": lambda _: {"Stripe_Signature": "t=x,v1=y"},
    "another secret": lambda body: {"Stripe_Signature": stripe_signature(body, "whsec_other")},
    "no secret": lambda body: {"Stripe_Signature": stripe_signature(body, "")},
    "stale": lambda body: {"Stripe_Signature": stripe_signature(body, at=time.time() - 310)},
    "future": lambda body: {"Stripe_Signature": stripe_signature(body, at=time.time() + 310)},
    "far future": lambda body: {"Stripe_Signature": stripe_signature(body, at=4e9)},
    "tampered": lambda body: {"Stripe_Signature": stripe_signature(body.replace(b"plus", b"free"))},
    "no time": lambda body: {"Stripe_Signature": stripe_signature(body).partition(",")[2]},
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_request_of_stripes_that_is_not_proven_is_refused_without_a_word(
    app: App, db: Client, names: Json, how: str
) -> None:
    body = json.dumps(sold(app, names)).encode()
    before = contents(db)
    answer = send_stripe_webhook(app, body, **REFUSED[how](body))
    assert (answer.http, answer.text) == (401, "{}\n")
    assert contents(db) == before


@pytest.mark.parametrize("value", [None, "", "off", " off "])
def test_a_missing_secret_refuses_everything(
    app: App, db: Client, names: Json, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    for name in ("STRIPE_WEBHOOK_SECRET", "REVENUECAT_WEBHOOK_TOKEN"):
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    before = contents(db)
    body = json.dumps(sold(app, names)).encode()
    for secret in (WHSEC, "off", ""):
        signed = stripe_signature(body, secret)
        assert send_stripe_webhook(app, body, Stripe_Signature=signed).http == 401
        named = send_revenuecat_webhook(
            app, revenuecat.event("RENEWAL"), Authorization=f"Bearer {secret}"
        )
        assert named.http == 401
    assert contents(db) == before


@pytest.mark.parametrize("function", WEBHOOKS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_posts_are_taken(app: App, function: str, method: str) -> None:
    """The emulator asks with GET whether a function is up."""
    assert app.send(function, method=method, path="/__/health").http == 405


def test_a_body_that_is_too_large_is_refused_before_it_is_looked_at(app: App, names: Json) -> None:
    body = json.dumps(sold(app, names)).encode()
    assert send_stripe_webhook(app, body.ljust(256 * 1024)).http == 200
    assert send_stripe_webhook(app, body.ljust(256 * 1024 + 1)).http == 413
    huge = json.dumps(revenuecat.event("TEST")).encode().ljust(2**20)
    assert send_revenuecat_webhook(app, huge).http == 413


@pytest.mark.parametrize("body", [b"", b"{", b"5", b"null", b"[" * 100_000, b'{"id": "\xff"}'])
def test_what_is_no_event_is_refused_though_it_is_signed(app: App, body: bytes) -> None:
    assert send_stripe_webhook(app, body).http in {400, 401}
    assert send_revenuecat_webhook(app, body).http == 400


def test_a_field_that_is_missing_is_refused_and_logged_by_name_only(
    app: App, names: Json, captured_logs: CapturedLogs
) -> None:
    """D7"""
    event = sold(app, names)
    del event["data"]["object"]["items"]["data"][0]["current_period_end"]
    assert send_stripe_webhook(app, event).http == 400
    assert "items.data.0.current_period_start" in captured_logs.text
    assert names["customer"] not in captured_logs.text


def test_an_event_that_nobody_knows_is_kept_and_counts_when_it_is_sent_again(
    app: App, db: Client, names: Json
) -> None:
    """D6"""
    about = stripe.subscription(**names)
    event = stripe.event("customer.subscription.created", about, f"evt_{app.uid}")
    assert status_of(send_stripe_webhook(app, event)) == "unmatched"
    receipt = db.document(f"webhookEvents/stripe_evt_{app.uid}").get().to_dict() or {}
    assert (receipt["status"], receipt["problem"]) == ("unmatched", "unknown-customer")
    assert (receipt["customerId"], receipt["subscriptionId"]) == (names["customer"], names["id_"])
    assert "deleteAt" not in receipt
    db.document(f"customers/stripe_{names['customer']}").set({"userId": app.uid}, merge=True)
    assert status_of(send_stripe_webhook(app, event)) == "processed"
    assert app.ask("check_limit")["planId"] == "plus"
    assert status_of(send_stripe_webhook(app, event)) == "duplicate"


def test_a_setting_that_makes_no_sense_makes_the_sender_try_again(
    app: App, names: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_TIMEZONE", "Mars/Olympus")
    assert send_stripe_webhook(app, sold(app, names, id_=f"evt_{app.uid}")).http == 500
    monkeypatch.undo()
    monkeypatch.setenv("TEST_CLOCK", "true")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", WHSEC)
    assert (
        status_of(send_stripe_webhook(app, sold(app, names, id_=f"evt_{app.uid}"))) == "processed"
    )


@pytest.mark.parametrize("provider", ["stripe", "revenuecat"])
def test_a_store_that_does_not_answer_is_unavailable_and_makes_the_sender_try_again(
    app: App,
    names: Json,
    provider: str,
    captured_logs: CapturedLogs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """D3: the catalogue is asked outside of the transaction, too."""
    bought = revenuecat.event("INITIAL_PURCHASE", app.uid, app_user_id=app.uid)

    def send() -> Answer:
        if provider == "stripe":
            return send_stripe_webhook(app, sold(app, names, id_=f"evt_{app.uid}"))
        return send_revenuecat_webhook(app, bought)

    with monkeypatch.context() as down:
        down.setattr("genquota.store.query.RPC_RETRY", RPC_RETRY.with_timeout(0.3))
        down.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
        rpc._client.cache_clear()  # the next call connects anew, to where nobody listens
        assert send().http == 503
    rpc._client.cache_clear()
    assert [line["reason"] for line in captured_logs.lines if "verb" in line] == ["unavailable"]
    assert status_of(send()) == "processed"


def test_no_body_email_or_secret_is_logged(
    app: App, names: Json, captured_logs: CapturedLogs
) -> None:
    send_stripe_webhook(app, sold(app, names))
    send_stripe_webhook(
        app, stripe.event("checkout.session.completed", stripe.checkout(user_id=app.uid))
    )
    send_stripe_webhook(app, sold(app, names), Stripe_Signature="t=1,v1=secretly")
    send_revenuecat_webhook(app, revenuecat.event("RENEWAL", app_user_id=app.uid))
    for secret in (WHSEC, TOKEN, "ada@example.com", "secretly", "price_plus"):
        assert secret not in captured_logs.text
    assert {line["reason"] for line in captured_logs.lines if "verb" in line} == {
        "ok",
        "unmatched",
        "not-genuine",
    }


# Stripe is asked for what an event does not say.


def test_the_line_items_of_a_checkout_are_asked_for_with_the_library(
    app: App, stripes_api: StripeServer
) -> None:
    stripes_api.sells("cs_1", {"id": "li_1", "price": {"id": "price_credits"}, "quantity": 2})
    about = stripe.checkout(user_id=app.uid, payment_intent=f"pi_{app.uid}")
    event = stripe.event("checkout.session.completed", about, f"evt_{app.uid}")
    assert status_of(send_stripe_webhook(app, event)) == "processed"
    assert stripes_api.asked == [
        ("/v1/checkout/sessions/cs_1/line_items", "Bearer sk_test_1"),
    ]
    assert app.ask("check_limit")["grants"] == {"remaining": 100}


def test_without_a_key_a_checkout_that_names_no_pack_is_kept_for_an_operator(app: App) -> None:
    about = stripe.checkout(user_id=app.uid, payment_intent=f"pi_{app.uid}")
    event = stripe.event("checkout.session.completed", about, f"evt_{app.uid}")
    assert status_of(send_stripe_webhook(app, event)) == "unmatched"
    assert app.ask("check_limit")["grants"] == {"remaining": 0}


def test_if_stripe_does_not_answer_the_sender_is_told_to_try_again(
    app: App, stripes_api: StripeServer
) -> None:
    """D3"""
    about = stripe.checkout(user_id=app.uid, payment_intent=f"pi_{app.uid}")
    event = stripe.event("checkout.session.completed", about, f"evt_{app.uid}")
    assert send_stripe_webhook(app, event).http == 500
    stripes_api.sells("cs_1", {"id": "li_1", "price": {"id": "price_credits"}, "quantity": 1})
    assert status_of(send_stripe_webhook(app, event)) == "processed"


def test_of_two_events_of_one_second_what_stripe_says_now_counts(
    app: App, names: Json, stripes_api: StripeServer
) -> None:
    """D4"""
    now = stripe.subscription(**names, cancel_at_period_end=True)
    stripes_api.knows(now)
    assert (
        status_of(send_stripe_webhook(app, sold(app, names, id_=f"evt_9{app.uid}"))) == "processed"
    )
    assert stripes_api.asked == []
    later = sold(app, names, "updated", id_=f"evt_1{app.uid}", status="paused")
    assert status_of(send_stripe_webhook(app, later)) == "processed"
    assert [path for path, _ in stripes_api.asked] == [f"/v1/subscriptions/{names['id_']}"]
    answers = app.ask("get_usage")["subscription"]
    assert (answers["status"], answers["cancelAtPeriodEnd"]) == ("active", True)


# RevenueCat.


def test_a_purchase_in_a_store_changes_the_limit_at_once(app: App) -> None:
    payload = revenuecat.event(
        "INITIAL_PURCHASE",
        app.uid,
        app_user_id=app.uid,
        original_transaction_id=f"t{app.uid}",
    )
    assert status_of(send_revenuecat_webhook(app, payload)) == "processed"
    assert app.ask("check_limit")["planId"] == "plus"
    assert status_of(send_revenuecat_webhook(app, payload)) == "duplicate"


def test_revenuecats_token_may_stand_alone_and_its_signature_is_proof_too(app: App) -> None:
    body = json.dumps(revenuecat.event("TEST", app.uid)).encode()
    assert send_revenuecat_webhook(app, body, Authorization=TOKEN).http == 200
    signed = stripe_signature(body, TOKEN)
    name = {"X_RevenueCat_Webhook_Signature": signed}
    assert send_revenuecat_webhook(app, body, Authorization=None, **name).http == 200


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"],
)
def test_a_request_of_revenuecats_without_the_token_is_refused(
    app: App, db: Client, authorization: str | None
) -> None:
    before = contents(db)
    payload = revenuecat.event("INITIAL_PURCHASE", app_user_id=app.uid)
    answer = send_revenuecat_webhook(app, payload, Authorization=authorization)
    assert (answer.http, answer.text) == (401, "{}\n")
    assert contents(db) == before


FORGED: dict[str, Callable[[bytes], str]] = {
    "another token": lambda body: stripe_signature(body, f"{TOKEN}x"),
    "no token": lambda body: stripe_signature(body, ""),
    "tampered": lambda body: stripe_signature(body.replace(b"INITIAL", b"ANOTHER"), TOKEN),
    "only a time": lambda body: stripe_signature(body, TOKEN).partition(",")[0],
}


@pytest.mark.parametrize("how", FORGED)
def test_a_signature_of_revenuecats_that_is_not_of_the_token_is_refused(
    app: App, db: Client, how: str
) -> None:
    before = contents(db)
    body = json.dumps(revenuecat.event("INITIAL_PURCHASE", app_user_id=app.uid)).encode()
    signed = {"X_RevenueCat_Webhook_Signature": FORGED[how](body)}
    answer = send_revenuecat_webhook(app, body, Authorization=None, **signed)
    assert (answer.http, answer.text) == (401, "{}\n")
    assert contents(db) == before


@pytest.mark.parametrize("late", [-310, 310])
def test_a_signature_of_revenuecats_that_is_stale_or_from_the_future_is_refused(
    app: App, late: int
) -> None:
    body = json.dumps(revenuecat.event("TEST")).encode()
    signed = {"X_RevenueCat_Webhook_Signature": stripe_signature(body, TOKEN, time.time() + late)}
    assert send_revenuecat_webhook(app, body, Authorization=None, **signed).http == 401
