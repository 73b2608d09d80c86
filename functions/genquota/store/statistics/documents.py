"""`analyticsDaily/{yyyy-mm-dd}` and its `lists/{users|prompts|errors}`: to and from the domain."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import repeat
from typing import Any

from google.cloud.firestore import Client

from genquota.domain.enums import Status
from genquota.domain.records import dataclass
from genquota.domain.statistics.aggregation import DayTotals
from genquota.domain.statistics.daily import NEW, DayStatistics, Named, StatusCounts
from genquota.domain.statistics.ranking import ListColumns
from genquota.domain.statistics.top_lists import LIST_NAMES, TopList, TopListEntry
from genquota.store.documents import Fields, document_data, to_utc_datetime
from genquota.store.query import mapping_outages
from genquota.store.rpc import RPC_RETRY, RPC_TIMEOUT
from genquota.store.transaction import Transaction

DAYS = "analyticsDaily"
LISTS_ARE_KEPT = timedelta(days=400)
"""After their day; the counts of a day are kept for good."""

_NEW = "new"


@dataclass(frozen=True, slots=True)
class StoredDay:
    """A day as it was read, or as it is to be written."""

    day: DayTotals
    erased: Mapping[str, int] = field(default_factory=dict)
    """Generations that are counted, and were deleted with their user since, by status."""
    is_final: bool = False
    """It was compared with the records of its generations."""
    rebuilt_at: datetime | None = None
    """As of when it was counted anew from the records. None: it never was."""
    versions: Mapping[str, datetime] = field(default_factory=dict)
    """Update times of those of its documents that exist, by path."""

    @property
    def date(self) -> date:
        return self.day.statistics.date

    def plus(self, more: DayTotals) -> "StoredDay":
        return replace(self, day=self.day.plus(more))

    def count_of(self, status: Status) -> int:
        """Return how many records of a final status there must be."""
        return self.day.statistics.counts.of(status) - self.erased.get(status.value, 0)


def day_path(day: date) -> str:
    return f"{DAYS}/{day.isoformat()}"


def list_path(day: date, name: str) -> str:
    return f"{day_path(day)}/lists/{name}"


def read_days(
    db: Client, days: Iterable[date], timezone: str, read_time: datetime | None = None
) -> dict[date, StoredDay]:
    """Read days with their lists, in one call: 4 documents a day.

    Args:
        db: The database.
        days: Which.
        timezone: IANA name, for days that have no document yet.
        read_time: Read them as they were then, at most an hour ago. None: as they are.

    Raises:
        Unavailable: The store did not answer.
    """
    wanted = list(days)
    paths = [
        path
        for day in wanted
        for path in (day_path(day), *(list_path(day, name) for name in LIST_NAMES))
    ]
    if not paths:
        return {}
    references = [db.document(path) for path in paths]
    with mapping_outages():
        found = {
            snapshot.reference.path: snapshot
            for snapshot in db.get_all(
                references, retry=RPC_RETRY, timeout=RPC_TIMEOUT, read_time=read_time
            )
        }
    versions = {path: each.update_time for path, each in found.items() if each.exists}
    return {
        day: _stored_day(
            day, timezone, {path: document_data(found[path]) for path in paths}, versions
        )
        for day in wanted
    }


def write_day(transaction: Transaction, stored: StoredDay, now: datetime) -> None:
    """Write a day whole, if its documents are as they were read; lists only as long as they are kept.

    The lists may be changed by the deletion of a user only, which changes the job's document too.
    """
    day, versions = stored.day.statistics, stored.versions
    delete_at = datetime.combine(day.date, time(), UTC) + LISTS_ARE_KEPT
    lists = stored.day.lists if now < delete_at else {}
    path = day_path(day.date)
    document = {
        **day_to_document(day),
        "lists": [name for name in LIST_NAMES if name in lists],
        "erased": dict(stored.erased),
        "isFinal": stored.is_final,
        "rebuiltAt": stored.rebuilt_at,
        "updatedAt": now,
    }
    transaction.put_at(path, document, versions.get(path))
    for name in LIST_NAMES:
        path = list_path(day.date, name)
        if found := lists.get(name):
            head = {"date": day.date.isoformat(), "deleteAt": delete_at}
            transaction.put_at(path, {**head, **list_to_document(found)}, versions.get(path))
        elif path in versions:
            transaction.delete(path)


def day_to_document(day: DayStatistics) -> dict[str, Any]:
    """Return the counts of a day as they are stored; what is counted by name leaves zeros out."""
    return {
        "date": day.date.isoformat(),
        "timezone": day.timezone,
        "total": day.total,
        "late": day.late,
        "charged": day.charged,
        "refunded": day.refunded,
        "outputs": day.outputs,
        "byType": _named_to_map(day.by_type),
        "byEngine": _named_to_map(day.by_engine),
        "byModel": _named_to_map(day.by_model),
        "byPlan": _named_to_map(day.by_plan),
        "hours": {str(hour): n for hour, n in sorted(day.hours.items())},
        "gaps": {_NEW if gap == NEW else str(gap): n for gap, n in sorted(day.gaps.items())},
        "durations": {
            type_: {str(bucket): n for bucket, n in sorted(histogram.items())}
            for type_, histogram in day.durations.items()
        },
    }


def day_from_document(data: Fields) -> DayStatistics:
    """Read what `day_to_document` wrote."""
    return DayStatistics(
        date=date.fromisoformat(data["date"]),
        timezone=data["timezone"],
        total=data["total"],
        late=data["late"],
        charged=data["charged"],
        refunded=data["refunded"],
        outputs=data["outputs"],
        by_type=_named_from_map(data["byType"]),
        by_engine=_named_from_map(data["byEngine"]),
        by_model=_named_from_map(data["byModel"]),
        by_plan=_named_from_map(data["byPlan"]),
        hours={int(hour): n for hour, n in data["hours"].items()},
        gaps={NEW if gap == _NEW else int(gap): n for gap, n in data["gaps"].items()},
        durations={
            type_: {int(bucket): n for bucket, n in histogram.items()}
            for type_, histogram in data["durations"].items()
        },
    )


def list_to_document(found: TopList) -> dict[str, Any]:
    """Return a list as it is stored: the columns as one text, for a map of 1000 takes the library 10 ms."""
    entries = found.entries.values()
    over = [each.over for each in entries]
    columns = {
        "keys": list(found.entries),
        "n": [each.n for each in entries],
        "charged": [each.charged for each in entries],
        "over": over if any(over) else [],
    }
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return {"top": text, "rest": found.rest, "isExact": found.is_exact}


def list_from_document(data: Fields) -> TopList:
    """Read what `list_to_document` wrote."""
    columns = columns_from_document(data)
    rows = zip(columns.keys, columns.n, columns.charged, columns.over or repeat(0), strict=False)
    entries = {key: TopListEntry(*numbers) for key, *numbers in rows}
    return TopList(entries, data["rest"], data["isExact"])


def columns_from_document(data: Fields) -> ListColumns:
    """Read what `list_to_document` wrote, for adding it to the lists of other days."""
    return ListColumns(**json.loads(data["top"]), rest=data["rest"], is_exact=data["isExact"])


def _stored_day(
    day: date, timezone: str, found: Mapping[str, Fields], versions: Mapping[str, datetime]
) -> StoredDay:
    data = found[day_path(day)]
    versions = {path: at for path, at in versions.items() if path.startswith(day_path(day))}
    lists = {
        name: list_from_document(found[list_path(day, name)])
        for name in LIST_NAMES
        if found[list_path(day, name)]
    }
    if "date" not in data:
        return StoredDay(DayTotals(DayStatistics(day, timezone), lists), versions=versions)
    rebuilt_at = data.get("rebuiltAt")
    return StoredDay(
        DayTotals(day_from_document(data), lists),
        dict(data.get("erased") or {}),
        bool(data.get("isFinal")),
        to_utc_datetime(rebuilt_at) if rebuilt_at else None,
        versions,
    )


def _named_to_map(named: Named) -> dict[str, dict[str, int]]:
    return {
        name: {word: n for word, n in asdict(counts).items() if n} for name, counts in named.items()
    }


def _named_from_map(entries: Fields) -> dict[str, StatusCounts]:
    return {name: StatusCounts(**numbers) for name, numbers in entries.items()}
