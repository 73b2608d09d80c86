"""Reads of statistics for analytics: counts in one call, lists in another."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import DayStatistics
from genquota.domain.statistics.ranking import ListColumns
from genquota.store.documents import Fields, to_utc_datetime
from genquota.store.selected_fields import whole_documents
from genquota.store.statistics.documents import (
    columns_from_document,
    day_from_document,
    day_path,
    list_path,
)
from genquota.store.transaction import Database
from genquota.store.user.user_document import user_path

_TIMEOUT = 20.0
"""Seconds; the lists of 90 days are 16 MB."""


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """What the document of a day says."""

    day: DayStatistics
    lists: tuple[str, ...]
    """The names of the lists that the day has."""
    is_final: bool


def read_counts(db: Database, dates: Iterable[date]) -> dict[date, StoredCounts]:
    """Read the counts of days in one call: one document a date. Dates without statistics are left out.

    Raises:
        Unavailable: The store did not answer.
    """
    by_path = {day_path(each): each for each in dates}
    return {
        by_path[path]: StoredCounts(
            day_from_document(data), tuple(data["lists"]), data.get("isFinal") is True
        )
        for path, data in whole_documents(db, by_path, _TIMEOUT).items()
    }


def read_lists(
    db: Database, days: Iterable[StoredCounts], names: Iterable[str]
) -> dict[str, Iterator[ListColumns]]:
    """Read lists of days in one call: one document for each list that a day has.

    Args:
        db: The database.
        days: Whose lists.
        names: Which of them.

    Returns:
        For each name the lists in the order of the days, without those that a day does not have. Each is
        understood when it is taken, so that ninety of them are not in memory at a time.

    Raises:
        Unavailable: The store did not answer.
    """
    days = tuple(days)
    paths = {
        name: [list_path(each.day.date, name) for each in days if name in each.lists]
        for name in names
    }
    found = whole_documents(db, [path for each in paths.values() for path in each], _TIMEOUT)
    return {
        name: (columns_from_document(found.pop(path)) for path in each if path in found)
        for name, each in paths.items()
    }


def read_profiles(db: Database, uids: Iterable[str]) -> dict[str, Fields]:
    """Read user documents in one call; return by uid those that there are, in the same order.

    Raises:
        Unavailable: The store did not answer.
    """
    by_path = {user_path(uid): uid for uid in uids}
    return {by_path[path]: data for path, data in whole_documents(db, by_path, _TIMEOUT).items()}


def updated_at(job: Fields) -> datetime | None:
    """Return until when all that closed is counted, by the job's document; None: nothing was yet."""
    at = job.get("updatedAt")
    return to_utc_datetime(at) if isinstance(at, datetime) else None
