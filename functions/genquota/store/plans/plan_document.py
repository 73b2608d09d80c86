"""`plans/{planId}` as operators read and write it, every field by name.

`messages.operators.plans.PlanTerms` says what they may write. What was written by hand is read for decisions
by `plan_terms.read_plan`, leniently where that is safe.
"""

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.plans.plans import SHIPPED_PLANS
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data
from genquota.store.transaction import Transaction

FIELDS = frozenset(
    {
        "name",
        "tier",
        "rank",
        "active",
        "limits",
        "limitsByType",
        "rates",
        "prices",
        "overage",
        "period",
        "trialDays",
        "products",
    }
)
"""What an operator says of a plan."""


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan as it stands in the catalogue."""

    snapshot: Snapshot
    terms: Mapping[str, Any]
    """Its fields, or those of the shipped plan of that id; empty if there is none."""
    version: int
    """0 for a shipped plan, and for one that was written by hand without."""


def read_plan_document(snapshot: Snapshot) -> PlanDocument:
    """Read a plan's document, or the lack of one."""
    data = document_data(snapshot)
    version = data.get("version")
    terms = {name: value for name, value in data.items() if name in FIELDS}
    shipped = SHIPPED_PLANS.get(snapshot.id)
    if not snapshot.exists and shipped:
        limits = {window.value: credits for (window, _), credits in shipped.limits.items()}
        terms = {"name": shipped.name, "tier": shipped.tier, "rank": shipped.rank, "limits": limits}
        terms["active"] = True
    return PlanDocument(snapshot, terms, version if isinstance(version, int) else 0)


def write_plan(transaction: Transaction, seen: PlanDocument, fields: Mapping[str, Any]) -> int:
    """Write a plan's fields, and no others; fields of an app's own stay. Return the new version."""
    version = seen.version + 1
    document = {**fields, "version": version}
    path = seen.snapshot.reference.path
    if seen.snapshot.exists:
        left_out = dict.fromkeys(FIELDS - fields.keys(), DELETE_FIELD)
        transaction.update(path, {**left_out, **document}, seen.snapshot)
    else:
        transaction.create(path, document)
    return version
