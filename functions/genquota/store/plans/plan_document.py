"""`plans/{planId}` as operators write it: strict, every field by name.

Documents that were written by hand are read leniently where that is safe (`terms.read_plan`). What comes
through here may not have a field too many: a misspelt `limit` would be no limit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.enums import PAYMENT_PROVIDERS, is_document_name
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import SHIPPED_PLANS
from genquota.store.documents import Snapshot, document_data
from genquota.store.plans.plan_terms import MOST_TRIAL_DAYS, MalformedTerms, read_plan
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

_INNER_FIELDS = {
    "prices": {"type", "engine", "quality", "credits", "holdSeconds"},
    "period": {"unit", "count", "anchor"},
    "products": {provider.value for provider in PAYMENT_PROVIDERS},
}
_LONGEST_NAME = 200
_MOST_PRODUCTS = 100


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan as it stands in the catalogue."""

    snapshot: Snapshot
    said: Mapping[str, Any]
    """Its fields, or those of the shipped plan of that id; empty if there is none."""
    version: int
    """0 for a shipped plan, and for one that was written by hand without."""


def read_plan_document(snapshot: Snapshot) -> PlanDocument:
    """Read a plan's document, or the lack of one."""
    data = document_data(snapshot)
    version = data.get("version")
    said = {name: value for name, value in data.items() if name in FIELDS}
    shipped = SHIPPED_PLANS.get(snapshot.id)
    if not snapshot.exists and shipped:
        limits = {window.value: credits for (window, _), credits in shipped.limits.items()}
        said = {"name": shipped.name, "tier": shipped.tier, "rank": shipped.rank, "limits": limits}
        said["active"] = True
    return PlanDocument(snapshot, said, version if isinstance(version, int) else 0)


def validate_plan(plan_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to stand in the document: what was said, less what is null.

    Raises:
        InvalidArgument: The plan would say something that a plan cannot say.
    """
    fields = {name: value for name, value in said.items() if value is not None}
    problems = tuple(_problems(fields))
    if problems:
        raise InvalidArgument(problems)
    try:
        plan = read_plan(plan_id, fields)
    except MalformedTerms as malformed:
        path, _, message = str(malformed).rpartition(": ")
        raise InvalidArgument(((path, message),)) from None
    if fields.get("trialDays") is not None and plan.trial_days is None:
        message = f"not a whole number from 1 to {MOST_TRIAL_DAYS}"
        raise InvalidArgument((("trialDays", message),))
    return {"active": True, **fields}


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


def _problems(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(fields.keys() - FIELDS):
        yield name, "unknown field"
    for name, known in _INNER_FIELDS.items():
        value = fields.get(name)
        for entry in value if isinstance(value, list) else [value]:
            for unknown in sorted(_mapping(entry).keys() - known):
                yield f"{name}.{unknown}", "unknown field"
    yield from _wrong_values(fields)


def _wrong_values(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("name", "tier"):
        text = fields.get(name, name)
        if not isinstance(text, str) or not 1 <= len(text) <= _LONGEST_NAME:
            yield name, f"not a text of 1 to {_LONGEST_NAME} characters"
    if not isinstance(fields.get("active", True), bool):
        yield "active", "not true or false"
    if not all(is_document_name(type_) for type_ in _mapping(fields.get("limitsByType"))):
        yield "limitsByType", "no name of a type"
    products = fields.get("products", {})
    if not isinstance(products, Mapping):
        yield "products", "not a map"
    for provider, names in _mapping(products).items():
        if not _are_names(names):
            yield f"products.{provider}", f"not a list of up to {_MOST_PRODUCTS} texts"


def _are_names(names: object) -> bool:
    return (
        isinstance(names, list)
        and len(names) <= _MOST_PRODUCTS
        and all(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME for name in names)
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
