"""A request of each route of the HTTP API that is right in all but, perhaps, who makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import Client

from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.domain.subscription_facts import PlanItem, StatusReport, SubscriptionUpdate
from genquota.billing.use_cases.apply_event import apply_event
from genquota.domain.enums import Provider, SubscriptionStatus
from genquota.domain.permissions import Who
from genquota.domain.policy import Policy
from genquota.messages.requests.queries import DryRunNoted, HideQuery
from genquota.store.documents import Clock
from genquota.triggers.api.route_table import ROUTES
from genquota.use_cases.core.context import Context
from tests.functions.app import order

if TYPE_CHECKING:
    from genquota.messages.requests.callable_requests import Message
    from genquota.triggers.api.routes import Route
    from tests.functions.app import Answer, App

URL = "https://cdn.example.com/fox.png"
NOTE = "it was our fault"
_OF_THEIR_OWN: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/usage-tracking/track-generation/{userId}"): {"idempotencyKey": "tracked"},
    ("PUT", "/users/{userId}/plan"): {"planId": "plus", "note": NOTE},
    ("PUT", "/users/{userId}/limits"): {"limits": {"day": 5}, "note": NOTE},
    ("PUT", "/users/{userId}/role"): {"role": "service", "note": NOTE},
    ("PUT", "/users/{userId}/timezone"): {"timezone": "Asia/Tokyo", "note": NOTE},
    ("POST", "/users/{userId}/grants"): {"credits": 5, "idempotencyKey": "gift", "note": NOTE},
    ("PUT", "/users/{userId}/subscriptions/{subscriptionId}"): {"planId": "pro", "note": NOTE},
    ("POST", "/webhook-events/{receiptId}/resolve"): {"planId": "plus", "note": NOTE},
    ("PUT", "/plans/{planId}"): {"limits": {"period": 7}, "active": False, "note": NOTE},
    ("POST", "/plans/{planId}/what-if"): {"limits": {"period": 7}},
}
"""Those with values that must mean something."""


def _usual_body(model: type[Message]) -> dict[str, Any]:
    """Return what a body needs at least, if that is a note, switches and times."""
    schema = model.model_json_schema()
    return {
        name: NOTE if name == "note" else _SAMPLES[_kind(schema["properties"][name])]
        for name in schema.get("required", ())
    }


_SAMPLES = {"boolean": True, "date-time": "2199-01-01T00:00:00Z"}


def _kind(schema: dict[str, Any]) -> str:
    first = schema.get("anyOf", [schema])[0]
    return str(first.get("format", first.get("type")))


BODIES = {
    key: _usual_body(route.body)
    for route in ROUTES
    if route.body and (key := (route.method, route.pattern)) not in _OF_THEIR_OWN
} | _OF_THEIR_OWN
"""By method and pattern, for each route that takes one."""

QUERIES: dict[tuple[str, str], str] = {
    (route.method, route.pattern): "?note=it+was+our+fault"
    for route in ROUTES
    if issubclass(route.query, DryRunNoted | HideQuery)
} | {("GET", "/generations"): "?userId={userId}"}
"""The notes of deletions, and what makes a list without a user in its path one user's."""

ABOUT_ONE_USER = {Who.SELF_ADMIN, Who.SELF_SERVICE_ADMIN}


def path_values(app: App, admin: App) -> dict[str, str]:
    """Let the user have one of each, and return what stands for the braces of patterns."""
    app.ask("check_limit")
    subscription_id = f"manual-{app.uid}"
    subscribed = f"/api/users/{app.uid}/subscriptions/{subscription_id}"
    assert admin.api("PUT", subscribed, {"planId": "plus", "note": NOTE}).http == 200
    generation_id = app.ask("create_generation", **order())["generationId"]
    done = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    app.ask("update_generation", **done)
    gift = {"credits": 5, "idempotencyKey": "given", "note": NOTE}
    return {
        "userId": app.uid,
        "generationId": generation_id,
        "grantId": admin.api("POST", f"/api/users/{app.uid}/grants", gift).json["id"],
        "subscriptionId": subscription_id,
        "receiptId": _unmatched_event(app),
        "planId": f"plan-{app.uid}",
        "job": "reset_periods",
    }


def _unmatched_event(app: App) -> str:
    """Let a provider report a purchase of what no plan names, and return its receipt's id."""
    now = datetime.now(UTC)
    event = ProviderEvent(
        Provider.STRIPE,
        f"evt_{app.uid}",
        "customer.subscription.created",
        now,
        customer_id=f"cus_{app.uid}",
        user_id=app.uid,
        subscription=SubscriptionUpdate(
            f"sub_{app.uid}",
            status=StatusReport(SubscriptionStatus.ACTIVE, "active"),
            items=(PlanItem(("price_unlisted",), now, now + timedelta(days=31)),),
        ),
    )
    db = Client(project=app.project)
    assert apply_event(Context(db, Clock(), Policy()), event).problem == "unknown-product"
    db.close()
    return f"stripe_evt_{app.uid}"


def name_of(route: Route) -> str:
    return f"{route.method} {route.pattern}"


def send(
    app: App,
    route: Route,
    names: dict[str, str],
    *,
    body: object = None,
    query: str | None = "",
    **headers: str | None,
) -> Answer:
    """Make the request.

    Args:
        app: Who makes it.
        route: Which.
        names: What stands for the braces of its pattern.
        body: Instead of the usual one.
        query: Added to the usual one; if it has a note, instead of it; None: no query.
        headers: Further ones.
    """
    key = (route.method, route.pattern)
    usual = QUERIES.get(key, "")
    if query is None or query.startswith("note="):
        usual = ""
    path = f"/api{route.pattern}{usual}"
    if query:
        path += ("&" if usual else "?") + query
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"{path}: tests need a value for it"
    return app.api(route.method, path, body or (BODIES[key] if route.body else None), **headers)


__all__ = [
    "ABOUT_ONE_USER",
    "BODIES",
    "NOTE",
    "QUERIES",
    "ROUTES",
    "name_of",
    "path_values",
    "send",
]
