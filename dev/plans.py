"""Load plans and packs into an emulator, where apps list them and a developer edits them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from dev.setup import ROOT

if TYPE_CHECKING:
    from dev.suite import Suite


TRIAL_DAYS = 14
PACKS = {"small": 50, "large": 500}
"""Credits that are sold once, by the id of the pack."""


def stripe_price(name: str) -> str:
    """Return the made-up price that a plan or pack is sold at."""
    return f"price_{name}"


def load_shipped_plans(suite: Suite) -> list[str]:
    """Write `plans/{planId}` for each shipped plan, and packs. Return one line about each plan."""
    sys.path.insert(0, str(ROOT / "functions"))
    from google.cloud import firestore  # noqa: PLC0415 - only once the emulator runs

    from genquota.domain.plans.plans import SHIPPED_PLANS  # noqa: PLC0415 - the path is set above

    os.environ["FIRESTORE_EMULATOR_HOST"] = suite.host("firestore")
    db = firestore.Client(project=suite.project)
    lines = []
    for plan in SHIPPED_PLANS.values():
        limits = {window.value: credits for (window, _), credits in plan.limits.items()}
        about = {"name": plan.name, "tier": plan.tier, "rank": plan.rank, "limits": limits}
        sold = {"trialDays": TRIAL_DAYS, "products": _products(plan.id)} if plan.rank else {}
        db.document(f"plans/{plan.id}").set({**about, **sold, "active": True, "version": 1})
        allowance = ", ".join(f"{credits} per {window}" for window, credits in limits.items())
        lines.append(f"{plan.id}: {allowance}")
    for pack_id, credits in PACKS.items():
        products = _products(f"pack_{pack_id}")
        db.document(f"packs/{pack_id}").set({"credits": credits, "products": products})
    db.close()
    return lines


def _products(name: str) -> dict[str, list[str]]:
    from genquota.domain.enums import PAYMENT_PROVIDERS  # noqa: PLC0415 - the path is set above

    others = {provider.value: [name] for provider in PAYMENT_PROVIDERS}
    return {**others, "stripe": [stripe_price(name)]}
