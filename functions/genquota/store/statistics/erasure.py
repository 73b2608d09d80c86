"""Deletion of users from statistics: their generations stay counted, their names do not.

Whoever deletes records that may be counted, or takes a name out of a list, changes the job's document. So
a process that has read such records or lists, but not committed what it counted, must read them again.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition
from google.cloud.firestore import Client, Increment

from genquota.domain.enums import Status
from genquota.domain.errors import Contention
from genquota.domain.statistics.aggregation import day_of
from genquota.domain.statistics.top_lists import USERS
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot, document_data, to_utc_datetime
from genquota.store.query import fetch_pages
from genquota.store.statistics.changes import changes_of_user
from genquota.store.statistics.closed_generations import ClosingPosition
from genquota.store.statistics.documents import (
    DAYS,
    day_path,
    list_from_document,
    list_to_document,
)
from genquota.store.statistics.generation_facts import facts_without_user
from genquota.store.statistics.job import StatisticsJob, read_job, touch_job
from genquota.store.transaction import TRIES, Transaction

RECORD_FIELDS = ("createdAt", "closedAt", "generationStatus")
"""What `record_deleted_generations` needs of a record."""

_PAGE = 50
"""Days; a list has at most some 60 KB."""
_OVERTAKEN = (FailedPrecondition, AlreadyExists, Aborted)


def commit_with_retry(begin: Callable[[], Transaction]) -> None:
    """Commit what ``begin`` prepares; if statistics were counted meanwhile, prepare and commit anew.

    Raises:
        Contention: It was overtaken too often.
        NotFound: The deletion is finished, by another process.
    """
    for _ in range(TRIES):
        try:
            begin().commit()
        except _OVERTAKEN:
            continue
        return
    raise Contention


def record_deleted_generations(
    transaction: Transaction, uid: str, records: Iterable[Snapshot], timezone: str
) -> None:
    """Let statistics know which generations are deleted with their user.

    They stay counted. Days that are not final are compared with their records later, so these days
    remember how many records are gone, by the status that they are counted under, at the latest when the
    changes that wait are counted.

    Args:
        transaction: Deletes the records, and gets what else is to be written.
        uid: Whose they are.
        records: With `RECORD_FIELDS`.
        timezone: The deployment's, IANA name.

    Raises:
        Unavailable: The store did not answer.
    """
    db, zone = transaction.db, ZoneInfo(timezone)
    job = read_job(db)
    uncounted: set[str] = set()
    by_day: dict[str, list[Snapshot]] = {}
    for record in records:
        if _is_ahead(job, record):
            uncounted.add(record.id)
            continue
        created_at = document_data(record).get("createdAt")
        day = (
            day_of(to_utc_datetime(created_at), zone) if isinstance(created_at, datetime) else None
        )
        if day and not (job.final_until and day < job.final_until):
            by_day.setdefault(day_path(day), []).append(record)
    if uncounted or by_day:
        touch_job(transaction, job)
    if uncounted:
        for change in changes_of_user(db, uid):
            if document_data(change)["generationId"] in uncounted:
                transaction.delete(change.reference.path, change)
    if by_day:
        _add_deleted(transaction, by_day)


def _add_deleted(transaction: Transaction, by_day: Mapping[str, list[Snapshot]]) -> None:
    """Add to days, by path, how many of their records are gone."""
    days = transaction.read(by_day)
    for path, deleted in by_day.items():
        is_rebuilt = document_data(days[path]).get("rebuiltAt") is not None
        counts: dict[str, int] = {}
        for record in deleted:
            if _is_counted(record, is_rebuilt=is_rebuilt):
                status = _status(record).value
                counts[status] = counts.get(status, 0) + 1
        if counts:
            numbers = {status: Increment(number) for status, number in counts.items()}
            transaction.add(path, {"erased": numbers})


def anonymize_changes(db: Client, uid: str, begin: Callable[[], Transaction]) -> Iterator[int]:
    """Remove a user's id from the changes that wait to be counted. Yield their number after each commit.

    Args:
        db: The database.
        uid: Who is deleted; their records are gone, and so are changes of records that were not counted.
        begin: Begins a commit.

    Raises:
        Unavailable: The store did not answer.
    """
    found: list[Snapshot] = []

    def strip() -> Transaction:
        found[:] = changes_of_user(db, uid, _PAGE)
        transaction = begin()
        for change in found:
            data, path = document_data(change), change.reference.path
            try:
                texts = {name: facts_without_user(data[name]) for name in ("was", "is")}
            except NOT_UNDERSTOOD:
                transaction.delete(path, change)
            else:
                transaction.update(path, {"userId": None, **texts}, change)
        return transaction

    while changes_of_user(db, uid, 1):
        commit_with_retry(strip)
        yield len(found)


def anonymize_lists(db: Client, uid: str, begin: Callable[[], Transaction]) -> Iterator[int]:
    """Remove a user's id from the lists of all days. Yield the number of lists after each commit.

    Args:
        db: The database.
        uid: Who is deleted; their records are gone.
        begin: Begins a commit.

    Raises:
        Unavailable: The store did not answer.
    """

    def touch() -> Transaction:
        transaction = begin()
        touch_job(transaction, read_job(db))
        return transaction

    # First: who has read the lists before is stopped by this, who reads them from now on by their change.
    commit_with_retry(touch)
    for page in fetch_pages(db.collection(DAYS).select(["lists"]), _PAGE):
        days = [each.id for each in page if USERS in (document_data(each).get("lists") or ())]
        paths = [f"{DAYS}/{day}/lists/{USERS}" for day in days]
        for path, seen in Transaction(db).read(paths).items():
            if _names(seen, uid):
                commit_with_retry(lambda path=path: _without(begin(), path, uid))  # type: ignore[misc]
                yield 1


def _without(transaction: Transaction, path: str, uid: str) -> Transaction:
    seen = Transaction(transaction.db).read([path])[path]
    if _names(seen, uid):
        kept = list_from_document(document_data(seen)).without(uid)
        transaction.put_at(path, list_to_document(kept), seen.update_time)
    return transaction


def _names(seen: Snapshot, uid: str) -> bool:
    text = document_data(seen).get("top", "")
    # Parsing a list takes a hundred times as long as searching it.
    return json.dumps(uid, ensure_ascii=False) in text and uid in json.loads(text)["keys"]


def _is_ahead(job: StatisticsJob, record: Snapshot) -> bool:
    """Return whether the cursor has not come to a record that says when it closed."""
    closed_at = document_data(record).get("closedAt")
    return isinstance(closed_at, datetime) and not job.has_passed(
        ClosingPosition(to_utc_datetime(closed_at), record.id)
    )


def _is_counted(record: Snapshot, *, is_rebuilt: bool) -> bool:
    """Return whether the statistics of its day count a record, which the cursor is not to come to."""
    if isinstance(document_data(record).get("closedAt"), datetime):
        return True
    # If it closed before records said when, it counts only where the day was counted anew.
    return is_rebuilt and not _status(record).is_open


def _status(record: Snapshot) -> Status:
    try:
        return Status(str(document_data(record).get("generationStatus")))
    except ValueError:
        return Status.PENDING  # an app's own word, from before Genquota
