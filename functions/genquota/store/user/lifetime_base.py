"""Lifetime counts of a user that no record of Genquota's stands for.

`users/{uid}.quota.base` is what records counted for that are deleted. It grows in the commit that deletes
them, so base and records always add up to the whole. `quota.before` is what was counted before Genquota.
"""

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import Increment

from genquota.domain.quota.lifetime import LifetimeCounts
from genquota.store.documents import Snapshot
from genquota.store.transaction import Transaction


def read_base(data: Mapping[str, Any]) -> LifetimeCounts:
    """Return what no record stands for, of a user document's content."""
    return _read(data, "base").plus(read_before(data))


def read_before(data: Mapping[str, Any]) -> LifetimeCounts:
    """Return what was counted before Genquota."""
    return _read(data, "before")


def before_to_document(before: LifetimeCounts) -> dict[str, Any]:
    return {"success": before.success, "failed": before.failed, "outputs": before.outputs}


def _read(data: Mapping[str, Any], name: str) -> LifetimeCounts:
    counts = (data.get("quota") or {}).get(name) or {}
    return LifetimeCounts(
        *(int(counts.get(each) or 0) for each in ("success", "failed", "outputs"))
    )


def add_to_base(transaction: Transaction, user: Snapshot, grown: LifetimeCounts) -> None:
    """Add to the base of a user what the records count for that are deleted in the same commit.

    The write asks for the user as they were read.
    """
    counts = {"success": grown.success, "failed": grown.failed, "outputs": grown.outputs}
    fields = {f"quota.base.{name}": Increment(count) for name, count in counts.items() if count}
    if fields:
        transaction.update(user.reference.path, fields, user)
