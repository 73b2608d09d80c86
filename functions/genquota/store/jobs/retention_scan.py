"""Records of generations that were created before an instant, newest first, page by page.

Newest first is the order of the index that the admins' list has anyway; one on the creation time alone
would be another one for every generation to be written to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.clock import plain
from genquota.store.documents import Snapshot, contents
from genquota.store.query import LONG_TIMEOUT, count_of, find


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time whose records are gone through, and how far that has come.

    First those that their owners see, then those that they have hidden: each half is one index scan.
    """

    before: datetime
    since: datetime | None = None
    """None: from the first record on."""
    is_hidden: bool = False
    after: tuple[datetime, str] | None = None
    """Creation time and id of the last record that was looked at; what was deleted before it is not
    scanned again."""
    held_back: datetime | None = None
    """Creation time of the oldest record that must be looked at again."""

    def past(self, page: list[Snapshot], left: list[Snapshot]) -> "Stretch":
        """Return the stretch after a page, of which some records were ``left``."""
        last = page[-1]
        times = [created_at(snapshot) for snapshot in left]
        held_back = min([*times, *([self.held_back] if self.held_back else [])], default=None)
        return replace(self, after=(created_at(last), last.id), held_back=held_back)


def created_at(snapshot: Snapshot) -> datetime:
    return plain(contents(snapshot)["createdAt"])


def past_generations(db: Client, stretch: Stretch, limit: int) -> list[Snapshot]:
    """Return the next up to ``limit`` records of a stretch."""
    query = _query(db, stretch).limit(limit)
    if stretch.after:
        at, id_ = stretch.after
        reference = db.document(f"userGenerations/{id_}")
        query = query.start_after({"createdAt": at, "__name__": reference})
    return find(query, LONG_TIMEOUT)


def count_past_generations(db: Client, stretch: Stretch) -> int:
    """Return how many records a stretch has, hidden ones included."""
    halves = (replace(stretch, is_hidden=is_hidden) for is_hidden in (False, True))
    return sum(count_of(_query(db, half)) for half in halves)


def stretch_to_document(stretch: Stretch) -> dict[str, Any]:
    return {
        "before": stretch.before,
        "since": stretch.since,
        "isHidden": stretch.is_hidden,
        "afterCreatedAt": stretch.after[0] if stretch.after else None,
        "afterId": stretch.after[1] if stretch.after else None,
        "heldBack": stretch.held_back,
    }


def stretch_from_document(entry: Mapping[str, Any]) -> Stretch:
    """Read what `stretch_to_document` wrote."""
    after = (plain(entry["afterCreatedAt"]), entry["afterId"]) if entry["afterId"] else None
    since, held_back = (entry[name] and plain(entry[name]) for name in ("since", "heldBack"))
    return Stretch(plain(entry["before"]), since, entry["isHidden"], after, held_back)


def _query(db: Client, stretch: Stretch) -> Query:
    query = (
        db.collection("userGenerations")
        .where(filter=FieldFilter("isDeleted", "==", stretch.is_hidden))
        .where(filter=FieldFilter("createdAt", "<", stretch.before))
    )
    if stretch.since:
        query = query.where(filter=FieldFilter("createdAt", ">=", stretch.since))
    return query.order_by("createdAt", direction=Query.DESCENDING).order_by(
        "__name__", direction=Query.DESCENDING
    )
