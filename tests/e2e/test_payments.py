"""Signed events of payment providers, sent to the functions as they run in the emulators."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore

from dev.secrets import local_secrets
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.functions.webhook_requests import stripe_signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.suite import Suite


@pytest.fixture(scope="module")
def db(suite: Suite) -> Iterator[firestore.Client]:
    """Give the suite's store, whose plan `plus` is sold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", suite.host("firestore"))
        client = firestore.Client(project=suite.project)
        products = {"stripe": ["price_plus"], "revenuecat": ["com.app.plus"]}
        client.document("plans/plus").update({"products": products})
        yield client
        client.close()


def send(suite: Suite, function: str, payload: Any, **headers: str) -> tuple[int, Any]:  # noqa: ANN401
    """Post an event to a function. Return status and answer."""
    connection = http.client.HTTPConnection(suite.host("functions"), timeout=120)
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/{suite.project}/{suite.region}/{function}"
    connection.request("POST", path, body, {"Content-Type": "application/json", **named})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, json.loads(content)


def plan_of(db: firestore.Client, uid: str) -> str:
    return str(db.document(f"users/{uid}").get().get("subscription.planId"))


def test_a_signed_event_of_stripes_moves_the_user_to_the_plan(
    suite: Suite, db: firestore.Client
) -> None:
    about = stripe.subscription(id_="sub_e2e", metadata={"userId": "buyer"})
    event = stripe.event("customer.subscription.created", about, "evt_e2e")
    body = json.dumps(event).encode()
    signed = stripe_signature(body, local_secrets()["STRIPE_WEBHOOK_SECRET"])
    assert send(suite, "stripe_webhook", body, Stripe_Signature=signed) == (
        200,
        {"status": "processed"},
    )
    assert plan_of(db, "buyer") == "plus"
    assert send(suite, "stripe_webhook", body, Stripe_Signature=signed)[1] == {
        "status": "duplicate"
    }


def test_an_unsigned_one_is_refused(suite: Suite) -> None:
    assert send(suite, "stripe_webhook", stripe.event("x", {}, "evt_forged")) == (401, {})


def test_an_event_of_revenuecats_moves_the_user_to_the_plan(
    suite: Suite, db: firestore.Client
) -> None:
    event = revenuecat.event("INITIAL_PURCHASE", app_user_id="mobile")
    token = local_secrets()["REVENUECAT_WEBHOOK_TOKEN"]
    answer = send(suite, "revenuecat_webhook", event, Authorization=f"Bearer {token}")
    assert answer == (200, {"status": "processed"})
    assert plan_of(db, "mobile") == "plus"
    assert send(suite, "revenuecat_webhook", event, Authorization="Bearer guess") == (401, {})
