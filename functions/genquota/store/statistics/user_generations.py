"""One user's generations since an instant: the newest records, and closed days."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import ClosedGeneration
from genquota.store.documents import NOT_UNDERSTOOD
from genquota.store.query import generations_since
from genquota.store.selected_fields import selected
from genquota.store.statistics.generation_facts import closed_generation

_NEEDED = (
    *("userId", "createdAt", "type", "engine", "promptId", "generationStatus", "charged"),
    *("refunded", "late", "metadata.processingTime", "startedAt", "completedAt"),
)
_OF_DAYS = ("date", "used", "success", "failed", "byType")


@dataclass(frozen=True, slots=True)
class UserRecords:
    """The newest records of a user."""

    closed: tuple[ClosedGeneration, ...]
    """As they are now; without open ones, and without those that somebody edited into something else."""
    read: int
    is_all: bool
    """Whether there were no more of them."""


def user_records(db: Client, uid: str, since: datetime, most: int) -> UserRecords:
    """Read up to ``most`` records that a user made since an instant (aware), hidden ones included.

    Raises:
        Unavailable: The store did not answer.
    """
    # One more, to know whether there are more.
    query = generations_since(db, uid, since).limit(most + 1)
    found = list(selected(query, _NEEDED))
    closed = [_parse(id_, data) for id_, data in found[:most]]
    known = tuple(each for each in closed if each)
    return UserRecords(known, min(len(found), most), len(found) <= most)


def user_days(db: Client, uid: str, first: str, read_time: datetime) -> list[Mapping[str, Any]]:
    """Return the closed days of a user from a date (yyyy-mm-dd) on, as they were at ``read_time``.

    Returns:
        Their `date`, `used`, `success`, `failed` and `byType`, newest first.

    Raises:
        Unavailable: The store did not answer.
    """
    query = (
        db.collection("usageDaily")
        .where(filter=FieldFilter("userId", "==", uid))
        .where(filter=FieldFilter("date", ">=", first))
        .order_by("date", direction=Query.DESCENDING)
    )
    return [data for _, data in selected(query, _OF_DAYS, read_time)]


def _parse(id_: str, data: Mapping[str, Any]) -> ClosedGeneration | None:
    try:
        return closed_generation(id_, data)
    except NOT_UNDERSTOOD:
        return None  # or it is open
