"""`users/{uid}.quota.base`: what of the lifetime counts no record stands for any more.

It grows in the commit that deletes the records, so base and records always add up to the whole.
"""

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import Increment

from genquota.domain.lifetime import Lifetime
from genquota.store.transaction import Snapshot, Transaction


def read_base(data: Mapping[str, Any]) -> Lifetime:
    """Return the base of a user document's content."""
    base = (data.get("quota") or {}).get("base") or {}
    return Lifetime(*(int(base.get(name) or 0) for name in ("success", "failed", "outputs")))


def grow_base(transaction: Transaction, user: Snapshot, grown: Lifetime) -> None:
    """Add to the base of a user what the records count for that are deleted in the same commit.

    The write asks for the user as they were read.
    """
    counts = {"success": grown.success, "failed": grown.failed, "outputs": grown.outputs}
    fields = {f"quota.base.{name}": Increment(count) for name, count in counts.items() if count}
    if fields:
        transaction.update(user.reference.path, fields, user)
