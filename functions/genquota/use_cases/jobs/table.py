"""Every job by its name."""

from collections.abc import Mapping

from genquota.use_cases.jobs.cleanup import cleanup
from genquota.use_cases.jobs.reconcile import reconcile
from genquota.use_cases.jobs.report import Job
from genquota.use_cases.jobs.sweep import expire_generations, reset_periods

JOBS: Mapping[str, Job] = {
    "expire_generations": expire_generations,
    "reset_periods": reset_periods,
    "cleanup": cleanup,
    "reconcile": reconcile,
}
