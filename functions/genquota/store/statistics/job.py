"""`jobs/daily_statistics`: the cursor of the statistics, and the lease.

Every commit of statistics changes this document and asks that it is still as it was read. So a page of
records is counted exactly once, whatever runs beside it; the lease only keeps two processes from
reading the same pages in vain. What deletes records that were counted changes the document too, and
thereby makes everyone who has read such records read again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from google.cloud.firestore import Client

from genquota.domain.records import dataclass
from genquota.store.documents import document_data, to_utc_datetime
from genquota.store.query import mapping_outages
from genquota.store.rpc import OVERTAKEN
from genquota.store.statistics.closed_generations import ClosingPosition
from genquota.store.transaction import Transaction

NAME = "daily_statistics"
PATH = f"jobs/{NAME}"
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class StatisticsJob:
    """The document as it was read or written last."""

    version: datetime | None
    """Its update time. None: there is no document."""
    seen_at: datetime
    """When it was read or written, by the store's clock."""
    cursor: ClosingPosition | None = None
    """The last record that was counted. None: none was."""
    lease_id: str | None = None
    lease_until: datetime | None = None
    """By the store's clock."""
    final_until: date | None = None
    """The first day that is not final, in the deployment's time zone. None: nothing was counted."""
    updated_at: datetime | None = None
    """Until when all that closed is counted."""

    @property
    def is_leased(self) -> bool:
        return self.lease_until is not None and self.lease_until > self.seen_at

    def has_passed(self, position: ClosingPosition) -> bool:
        """Return whether a record that closed is behind the cursor, so that it was counted."""
        return self.cursor is not None and position <= self.cursor


def read_job(db: Client) -> StatisticsJob:
    """Read the document.

    Raises:
        Unavailable: The store did not answer.
    """
    transaction = Transaction(db)
    transaction.with_read_time = True
    with mapping_outages():
        snapshot = transaction.read([PATH])[PATH]
    data = document_data(snapshot)
    if not snapshot.exists:
        return StatisticsJob(None, snapshot.read_time)
    cursor = (
        ClosingPosition(to_utc_datetime(data["cursorAt"]), data["cursorId"])
        if data.get("cursorId")
        else None
    )
    final_until, updated_at = data.get("finalUntil"), data.get("updatedAt")
    return StatisticsJob(
        snapshot.update_time,
        snapshot.read_time,
        cursor,
        data.get("leaseId"),
        data.get("leaseUntil"),
        date.fromisoformat(final_until) if final_until else None,
        to_utc_datetime(updated_at) if updated_at else None,
    )


def take_lease(db: Client) -> StatisticsJob | None:
    """Take the lease, unless another process has it: then return None.

    Raises:
        Unavailable: The store did not answer.
    """
    job = read_job(db)
    if job.is_leased:
        return None
    return commit(Transaction(db), replace(job, lease_id=secrets.token_hex(8)))


def release_lease(db: Client, job: StatisticsJob) -> None:
    """Give the lease back, unless another process has it by now.

    Raises:
        Unavailable: The store did not answer.
    """
    lease_id = job.lease_id
    while job.lease_id == lease_id:
        if commit(Transaction(db), replace(job, lease_id=None)):
            return
        job = replace(read_job(db), updated_at=job.updated_at)  # a user is deleted at this moment


def commit(transaction: Transaction, job: StatisticsJob) -> StatisticsJob | None:
    """Commit a transaction together with the job, and prolong the lease of whoever has it.

    Args:
        transaction: What else is written.
        job: As it shall be, with the version that it was read at.

    Returns:
        The job as it is now. None: it was no longer as it was read, and nothing was written.

    Raises:
        Unavailable: The store did not answer.
    """
    lease_until = job.seen_at + LEASE if job.lease_id else None
    cursor, final_until = job.cursor, job.final_until
    fields = {
        "cursorAt": cursor.at if cursor else None,
        "cursorId": cursor.id if cursor else None,
        "leaseId": job.lease_id,
        "leaseUntil": lease_until,
        "finalUntil": final_until.isoformat() if final_until else None,
        "updatedAt": job.updated_at,
    }
    transaction.put_at(PATH, {**fields, **_touch()}, job.version)
    try:
        with mapping_outages():
            transaction.commit()
    except OVERTAKEN:
        return None
    version = transaction.versions[PATH]
    return replace(job, version=version, seen_at=version, lease_until=lease_until)


def touch_job(transaction: Transaction, seen: StatisticsJob) -> None:
    """Have whoever counts at this moment read again, if the job is still as it was ``seen``."""
    transaction.put_at(PATH, _touch(), seen.version)


def _touch() -> Mapping[str, Any]:
    # A write that changes nothing keeps the update time, and would overtake nobody.
    return {"touch": secrets.token_hex(8)}
