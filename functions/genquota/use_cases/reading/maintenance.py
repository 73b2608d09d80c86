"""Read the state of jobs, and what needs an operator."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.domain.permissions import Permission
from genquota.domain.policy import Policy
from genquota.domain.records import dataclass
from genquota.store.documents import document_data
from genquota.store.jobs.checkpoints import RUNS, job_path
from genquota.store.listing import Listing, count_documents
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.jobs.job_table import JOBS
from genquota.use_cases.reading.generations import stalled_listing


@dataclass(frozen=True, slots=True)
class JobDetails:
    """A job: its last run, and what it has left for the next one. Empty if there is none."""

    name: str
    run: Mapping[str, Any]
    memory: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MaintenanceOverview:
    """All of it."""

    jobs: tuple[JobDetails, ...]
    stalled: int
    """Generations that are open in the record beyond the usual length of a hold."""
    unmatched: int
    """Events of payment providers that could not be placed."""
    policy: Policy
    now: datetime

    def memory_of(self, job: str) -> Mapping[str, Any]:
        return next((each.memory for each in self.jobs if each.name == job), {})


def read_maintenance(context: Context, caller: Caller | None) -> MaintenanceOverview:
    """Return how things stand, to an admin.

    Costs a read of the caller, of each job and of the last runs, and two counts.

    Raises:
        GenquotaError: The caller is no admin, or the store did not answer.
    """
    paths = {job: job_path(job) for job in JOBS}
    reader = authorize_read(
        context, caller, Permission.VIEW_OPERATIONS, paths=[RUNS, *paths.values()]
    )
    runs = document_data(reader.found[RUNS])
    jobs = tuple(
        JobDetails(job, _mapping(runs.get(job)), document_data(reader.found[path]))
        for job, path in paths.items()
    )
    unmatched = Listing("webhookEvents", {"status": "unmatched"}, "receivedAt", is_descending=True)
    return MaintenanceOverview(
        jobs,
        count_documents(context.db, stalled_listing(context, reader.now)),
        count_documents(context.db, unmatched),
        context.policy,
        reader.now,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
