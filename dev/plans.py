"""Load the shipped plans into an emulator, where apps list them and a developer edits them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from dev.setup import ROOT

if TYPE_CHECKING:
    from dev.suite import Suite


def load_shipped_plans(suite: Suite) -> list[str]:
    """Write `plans/{planId}` for each shipped plan and return one line about each."""
    sys.path.insert(0, str(ROOT / "functions"))
    from google.cloud import firestore  # noqa: PLC0415 - only once the emulator runs

    from genquota.domain.plans import SHIPPED_PLANS  # noqa: PLC0415 - the path is set above

    os.environ["FIRESTORE_EMULATOR_HOST"] = suite.host("firestore")
    db = firestore.Client(project=suite.project)
    lines = []
    for plan in SHIPPED_PLANS.values():
        limits = {window.value: credits for (window, _), credits in plan.limits.items()}
        about = {"name": plan.name, "tier": plan.tier, "rank": plan.rank, "limits": limits}
        db.document(f"plans/{plan.id}").set({**about, "active": True, "version": 1})
        allowance = ", ".join(f"{credits} per {window}" for window, credits in limits.items())
        lines.append(f"{plan.id}: {allowance}")
    db.close()
    return lines
