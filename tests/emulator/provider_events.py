"""Deliver payment providers' events to an environment, parsed as their webhooks parse them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genquota.billing.revenuecat.events import read_revenuecat
from genquota.billing.stripe.events import read_event, with_facts
from genquota.billing.stripe.payments import with_items
from genquota.billing.use_cases.apply_event import ApplyResult, Refresh, apply_event

if TYPE_CHECKING:
    from genquota.billing.domain.provider_events import ProviderEvent
    from tests.emulator.environment import Environment

Json = dict[str, Any]


def from_stripe(payload: Json, *line_items: Json) -> ProviderEvent:
    event, about = read_event(payload)
    event = with_facts(event, about)
    return with_items(event, line_items) if line_items else event


def send_event(
    env: Environment, payload: Json, *line_items: Json, current: Refresh | None = None
) -> ApplyResult:
    """Deliver an event of whichever provider's it is."""
    event = read_revenuecat(payload) if "event" in payload else from_stripe(payload, *line_items)
    return apply_event(env.context, event, current)


def add_catalogue(env: Environment) -> None:
    """Put plans and packs into the catalogue, in one commit."""
    batch = env.db.batch()
    batch.set(env.db.document("plans/free"), {"limits": {"period": 10}})
    for rank, name in enumerate(("plus", "pro"), 1):
        products = {"stripe": [f"price_{name}"], "revenuecat": [f"com.app.{name}"]}
        plan = {"limits": {"period": 10**rank * 10}, "rank": rank, "products": products}
        batch.set(env.db.document(f"plans/{name}"), plan)
    pack = {"stripe": ["price_credits"], "revenuecat": ["com.app.credits"]}
    batch.set(env.db.document("packs/small"), {"credits": 50, "products": pack})
    batch.commit()


def plan_and_limit(env: Environment, uid: str = "ada") -> tuple[str | None, int]:
    """Return the plan in force, and the limit of the period."""
    decision = env.check(uid, by=None)
    limit = next(row.limit for row in decision.usages if row.window == "period")
    return decision.plan_id, limit
