"""The scheduled functions. Each may run late, twice, together, or be cut off: see `use_cases/jobs`.

The jobs are imported when one runs: other functions start without them.
"""

import time
import uuid
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from firebase_functions.scheduler_fn import ScheduledEvent, on_schedule

from genquota import settings
from genquota.triggers.logs import log_failure, log_job
from genquota.triggers.runtime import context

TIMEOUT_SECONDS = 540
_TIME_ALLOWED = timedelta(seconds=480)
"""A run stops before the platform would cut it off; the next one goes on."""


_scheduled = partial(
    on_schedule,
    timezone=settings.DEFAULT_TIMEZONE,
    timeout_sec=TIMEOUT_SECONDS,
    retry_count=3,
    max_instances=1,
)


class JobFailed(Exception):
    """Tells the scheduler to try again, and nothing else: its text reaches the caller."""


@_scheduled(schedule="every 5 minutes")
def expire_generations(_event: ScheduledEvent) -> None:
    """Close the records of holds that have passed their end."""
    _run("expire_generations")


@_scheduled(schedule="every 15 minutes")
def reset_periods(_event: ScheduledEvent) -> None:
    """Roll the ended windows of users who have not called since."""
    _run("reset_periods")


@_scheduled(schedule="*/10 3 * * 0")
def cleanup(_event: ScheduledEvent) -> None:
    """Delete the records of generations that are past retention: Sundays from 03:00, six runs at most."""
    _run("cleanup")


@_scheduled(schedule="*/10 4-6 * * 0")
def reconcile(_event: ScheduledEvent) -> None:
    """Compare counters with records: Sundays from 04:00, in as many runs as one pass takes."""
    _run("reconcile")


@_scheduled(schedule="every 10 minutes")
def daily_statistics(_event: ScheduledEvent) -> None:
    """Count the generations that have closed into the statistics of their days."""
    _run("daily_statistics")


def _run(name: str) -> None:
    from genquota.use_cases.jobs.job_table import SCHEDULED  # noqa: PLC0415
    from genquota.use_cases.jobs.last_runs import JobRun, record_run  # noqa: PLC0415 - see above

    request_id, begun = uuid.uuid4().hex, time.monotonic()
    deployment = None
    try:
        deployment = context()
        report = SCHEDULED[name](deployment, _TIME_ALLOWED)
    except Exception as error:  # noqa: BLE001 - a way in, like the boundary
        log_failure(error, request_id)
        log_job(name, "internal", time.monotonic() - begun, request_id, {})
        if deployment:
            record_run(deployment, JobRun(name, time.monotonic() - begun))
        raise JobFailed(request_id) from None
    record_run(deployment, JobRun(name, time.monotonic() - begun, asdict(report)))
    log_job(name, "ok", time.monotonic() - begun, request_id, asdict(report))
