"""Queries of the catalogue by providers' products: `plans/*.products` and `packs/*.products`.

Answers are remembered for `PLAN_CACHE_SECONDS` in each process; that a product is unknown is not, for
an operator mends that and sends the event again.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.billing.domain.purchases import Pack
from genquota.billing.domain.subscription_facts import SoldPlan
from genquota.domain.bounds import MAX_CREDITS
from genquota.domain.enums import Provider
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot
from genquota.store.query import fetch_all

_MOST_NAMES = 30
"""Of one query, by Firestore's rules."""
_MOST_REMEMBERED = 1000
_MOST_DAYS = 36_500
"""A century."""


@dataclass()
class _Remembered:
    plans: dict[tuple[Provider, tuple[str, ...]], tuple[float, dict[str, SoldPlan]]] = field(
        default_factory=dict
    )


_memory: WeakKeyDictionary[Client, _Remembered] = WeakKeyDictionary()


def plans_for_products(
    db: Client, provider: Provider, products: Iterable[str], max_age: timedelta
) -> dict[str, SoldPlan]:
    """Return the plans that products stand for, by product; unknown products are left out."""
    memory = _memory.setdefault(db, _Remembered()).plans
    asked = tuple(sorted(set(products))[:_MOST_NAMES])
    known = memory.get((provider, asked))
    if known and time.monotonic() - known[0] < max_age.total_seconds():
        return known[1]
    found: dict[str, SoldPlan] = {}
    for snapshot in _selling(db, "plans", provider, list(asked)):
        data = snapshot.to_dict() or {}
        sold = SoldPlan(snapshot.id, _rank(data.get("rank")))
        for name in _named(data, provider).intersection(asked):
            # If two plans name one product, it is the higher one.
            found[name] = max(sold, found.get(name, sold), key=lambda plan: (plan.rank, plan.id))
    if found:
        if len(memory) >= _MOST_REMEMBERED:
            memory.clear()
        memory[provider, asked] = (time.monotonic(), found)
    return found


def packs_for_products(db: Client, provider: Provider, products: Iterable[str]) -> dict[str, Pack]:
    """Return the packs that products stand for, by product; unknown products are left out."""
    asked = sorted(set(products))[:_MOST_NAMES]
    found: dict[str, Pack] = {}
    for snapshot in sorted(_selling(db, "packs", provider, asked), key=lambda each: each.id):
        pack = read_pack(snapshot)
        if pack is not None:
            found |= dict.fromkeys(_named(snapshot.to_dict() or {}, provider) & set(asked), pack)
    return found


def pack_path(pack_id: str) -> str:
    return f"packs/{pack_id}"


def read_pack(snapshot: Snapshot) -> Pack | None:
    """Parse `packs/{packId}`. None if there is no such pack, or it says nothing sensible."""
    data = snapshot.to_dict() or {}
    credits = _whole(data.get("credits"), MAX_CREDITS)
    if credits is None:
        return None
    if data.get("expiresAfterDays") is None:
        return Pack(snapshot.id, credits)
    days = _whole(data["expiresAfterDays"], _MOST_DAYS)
    return None if days is None else Pack(snapshot.id, credits, timedelta(days=days))


def _selling(db: Client, collection: str, provider: Provider, names: list[str]) -> list[Snapshot]:
    if not names:
        return []
    is_sold = FieldFilter(f"products.{provider.value}", "array_contains_any", names)
    query = db.collection(collection).where(filter=is_sold)
    return fetch_all(query)


def _named(data: Mapping[str, Any], provider: Provider) -> set[str]:
    return {name for name in data["products"][provider.value] if isinstance(name, str)}


def _rank(value: object) -> int:
    return int(value) if isinstance(value, int | float) and value == int(value) else 0


def _whole(value: object, most: int) -> int | None:
    """Return a whole number from 1 on; the console stores 10 as a double when it was typed so."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value) if 0 < value <= most else None
