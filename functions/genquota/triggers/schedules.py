"""The scheduled functions. Each may run late, twice, together, or be cut off: see `use_cases/jobs`.

The jobs are imported when one runs: other functions start without them.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

from firebase_functions.scheduler_fn import ScheduledEvent, on_schedule

from genquota import settings
from genquota.triggers.logs import log_failure, log_job
from genquota.triggers.runtime import context

TIMEOUT_SECONDS = 540
_TIME_ALLOWED = timedelta(seconds=480)
"""A run stops before the platform would cut it off; the next one goes on."""


_SCHEDULES = {
    "expire_generations": "every 5 minutes",
    "reset_periods": "every 15 minutes",
    "cleanup": "*/10 3 * * 0",  # Sundays from 03:00, six runs at most
    "reconcile": "*/10 4-6 * * 0",  # Sundays from 04:00, in as many runs as one pass takes
    "daily_statistics": "every 10 minutes",
}
"""When each job of `use_cases/jobs/job_table.py` runs, in `DEFAULT_TIMEZONE`."""


class JobFailed(Exception):
    """Tells the scheduler to try again, and nothing else: its text reaches the caller."""


def _scheduled(name: str, schedule: str) -> object:
    def run(_event: ScheduledEvent) -> None:
        _run(name)

    run.__name__ = name
    options = on_schedule(
        schedule=schedule,
        timezone=settings.DEFAULT_TIMEZONE,
        timeout_sec=TIMEOUT_SECONDS,
        retry_count=3,
        max_instances=1,
    )
    return options(run)


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


JOBS: Mapping[str, object] = {
    name: _scheduled(name, schedule) for name, schedule in _SCHEDULES.items()
}
"""A function for each job."""
