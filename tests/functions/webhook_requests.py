"""Requests to the webhooks, signed as payment providers sign them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.functions.app import Answer, App

WHSEC, TOKEN = "whsec_of_a_test", "token-of-a-test"


def stripe_signature(body: bytes, secret: str = WHSEC, at: float | None = None) -> str:
    """Sign as Stripe's documentation says: the time, a dot, the body."""
    signed_at = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256)
    return f"t={signed_at},v1={mac.hexdigest()},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07ab"


def send_stripe_webhook(app: App, payload: object, **headers: str | None) -> Answer:
    """Send an event as Stripe does; headers that are named replace its own."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    usual: dict[str, str | None] = {
        "Authorization": None,
        "Stripe-Signature": stripe_signature(body),
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.send("stripe_webhook", body, headers={**usual, **named})


def send_revenuecat_webhook(app: App, payload: object, **headers: str | None) -> Answer:
    """Send an event as RevenueCat does; headers that are named replace its own."""
    return send_webhook(
        app, "revenuecat_webhook", payload, **{"Authorization": f"Bearer {TOKEN}", **headers}
    )


def send_webhook(app: App, function: str, payload: object, **headers: str | None) -> Answer:
    """Send a provider's event; a header is named with `_` for `-`."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.send(function, body, headers=named)


def status_of(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    """Return what became of an event that was taken in."""
    assert answer.http == 200, answer.text
    return json.loads(answer.text)["status"]
