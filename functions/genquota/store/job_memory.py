"""`jobs/{job}`: how far a job has come, for its next run. Losing it costs time, never correctness."""

from collections.abc import Mapping
from typing import Any

from genquota.store.documents import Fields, contents
from genquota.store.transaction import Database, Transaction


def remembered(db: Database, job: str) -> Fields:
    """Return what a job left behind; empty if nothing."""
    path = _path(job)
    return contents(Transaction(db).read([path])[path])


def remember(db: Database, job: str, facts: Mapping[str, Any]) -> None:
    """Leave facts behind for the next run of a job; those that are not named stay."""
    transaction = Transaction(db)
    transaction.add(_path(job), facts)
    transaction.commit()


def _path(job: str) -> str:
    return f"jobs/{job}"
