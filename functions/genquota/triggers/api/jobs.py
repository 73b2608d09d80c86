"""`/maintenance`: the state of jobs, and running one by hand."""

from genquota.domain.permissions import Permission
from genquota.messages.operators.changes import Noted
from genquota.messages.operators.maintenance import JobStatus, MaintenanceAnswer, SettingsAnswer
from genquota.messages.operators.operations import (
    JobAnswer,
    JobPath,
)
from genquota.messages.requests.queries import DryRun, Nothing
from genquota.store.statistics.job import NAME as STATISTICS
from genquota.triggers.api.operators import audit_of
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.operators.run_job import run_job
from genquota.use_cases.reading.maintenance import read_maintenance
from genquota.version import VERSION


def _run_job(request: ApiRequest[JobPath, DryRun, Noted]) -> JobAnswer:
    job, dry_run = request.path.job, request.query.dry_run
    audit = audit_of(request)
    report, audit_id = run_job(request.context, request.caller, job, audit)
    return JobAnswer.of(job, report, dry_run=dry_run, audit_id=audit_id)


def _maintenance(request: ApiRequest[Nothing, Nothing, Nothing]) -> MaintenanceAnswer:
    seen = read_maintenance(request.context, request.caller)
    statistics = seen.memory_of(STATISTICS)
    return MaintenanceAnswer(
        version=VERSION,
        now=seen.now,
        jobs=[JobStatus.of(each.name, each.run, each.memory) for each in seen.jobs],
        statistics_updated_at=statistics.get("updatedAt"),
        statistics_final_until=statistics.get("finalUntil"),
        stalled=seen.stalled,
        unmatched_events=seen.unmatched,
        settings=SettingsAnswer.of(seen.policy),
    )


ROUTES = (
    Route("GET", "/maintenance", Permission.VIEW_OPERATIONS,
          "Last runs of the jobs, what waits for an operator, and the settings.",
          _maintenance, MaintenanceAnswer),
    Route("POST", "/maintenance/{job}", Permission.RUN_JOB, "Run a job for at most 40 seconds.",
          _run_job, JobAnswer, path=JobPath, query=DryRun, body=Noted),
)  # fmt: skip
