"""`jobs/{job}`: checkpoints for a job's next run. Losing one costs time, never correctness.

`jobs/runs` has the outcome of each job's last run, for operators.
"""

from collections.abc import Mapping
from typing import Any

from genquota.store.documents import Fields, document_data
from genquota.store.transaction import Database, Transaction

RUNS = "jobs/runs"


def read_checkpoint(db: Database, job: str) -> Fields:
    """Return what a job left behind; empty if nothing."""
    path = job_path(job)
    return document_data(Transaction(db).read([path])[path])


def write_checkpoint(db: Database, job: str, facts: Mapping[str, Any]) -> None:
    """Leave facts behind for the next run of a job; those that are not named stay."""
    transaction = Transaction(db)
    transaction.add(job_path(job), facts)
    transaction.commit()


def write_run(db: Database, job: str, facts: Mapping[str, Any]) -> None:
    """Write how a run of a job went, over the run before; facts that are not named stay."""
    transaction = Transaction(db)
    transaction.add(RUNS, {job: dict(facts)})
    transaction.commit()


def job_path(job: str) -> str:
    return f"jobs/{job}"
