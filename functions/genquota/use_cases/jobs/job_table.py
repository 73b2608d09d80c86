"""All jobs by name."""

from collections.abc import Mapping

from genquota.use_cases.core.job_report import Job
from genquota.use_cases.jobs.cleanup import cleanup
from genquota.use_cases.jobs.daily_statistics import daily_statistics
from genquota.use_cases.jobs.reconcile import reconcile, reconcile_weekly
from genquota.use_cases.jobs.sweep import expire_generations, reset_periods

JOBS: Mapping[str, Job] = {
    "expire_generations": expire_generations,
    "reset_periods": reset_periods,
    "cleanup": cleanup,
    "reconcile": reconcile,
    "daily_statistics": daily_statistics,
}

SCHEDULED: Mapping[str, Job] = {**JOBS, "reconcile": reconcile_weekly}
"""As the scheduler runs them: of a pass through all users, as much as there is time for."""
