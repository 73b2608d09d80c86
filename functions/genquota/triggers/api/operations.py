"""What operators look at, whether all is well, and what this API is."""

from genquota.domain.rights import Who
from genquota.messages.answers.pages import Page
from genquota.messages.answers.stored import Stored
from genquota.messages.operators.changes import Noted
from genquota.messages.operators.maintenance import JobStatus, MaintenanceAnswer, SettingsAnswer
from genquota.messages.operators.operations import (
    AuditAnswer,
    AuditLogQuery,
    HealthAnswer,
    JobAnswer,
    JobPath,
)
from genquota.messages.operators.users import SubscriptionRecord, SubscriptionsQuery
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import DryRun, Nothing
from genquota.store.documents import contents
from genquota.store.statistics.job import NAME as STATISTICS
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.operators.run_job import run_job
from genquota.use_cases.reading import lists
from genquota.use_cases.reading.health import check_health
from genquota.use_cases.reading.maintenance import read_maintenance
from genquota.version import VERSION


def _audit_log(asked: Asked[Nothing, AuditLogQuery, Nothing]) -> Page[AuditAnswer]:
    query = asked.query
    part = lists.Slice(query.page_size, position_of(query.cursor))
    span = (query.since, query.until)
    found = lists.list_audit_log(asked.context, asked.caller, query.user_id, span, part)
    items = [AuditAnswer.of(each.id, contents(each)) for each in found.snapshots]
    return Page[AuditAnswer](items=items, cursor=cursor_of(found.next))


def _subscriptions(asked: Asked[Nothing, SubscriptionsQuery, Nothing]) -> Page[SubscriptionRecord]:
    query = asked.query
    named = {"status": query.status, "planId": query.plan_id}
    equal: dict[str, object] = {key: value for key, value in named.items() if value is not None}
    part = lists.Slice(query.page_size, position_of(query.cursor))
    found = lists.list_subscriptions(asked.context, asked.caller, equal, query.ends_before, part)
    items = [SubscriptionRecord.of(each.id, contents(each)) for each in found.snapshots]
    return Page[SubscriptionRecord](items=items, cursor=cursor_of(found.next))


def _run_job(asked: Asked[JobPath, DryRun, Noted]) -> JobAnswer:
    job, dry_run = asked.path.job, asked.query.dry_run
    deed = Deed(asked.body.note, dry_run)
    report, audit_id = run_job(asked.context, asked.caller, job, deed)
    return JobAnswer.of(job, report, dry_run=dry_run, audit_id=audit_id)


def _maintenance(asked: Asked[Nothing, Nothing, Nothing]) -> MaintenanceAnswer:
    seen = read_maintenance(asked.context, asked.caller)
    statistics = Stored(seen.memory_of(STATISTICS))
    return MaintenanceAnswer(
        version=VERSION,
        now=seen.now,
        jobs=[JobStatus.of(each.name, each.run, each.memory) for each in seen.jobs],
        statistics_updated_at=statistics.time("updatedAt"),
        statistics_final_until=statistics.text("finalUntil"),
        stalled=seen.stalled,
        unmatched_events=seen.unmatched,
        settings=SettingsAnswer.of(seen.policy),
    )


def _health(asked: Asked[Nothing, Nothing, Nothing]) -> HealthAnswer:
    seconds = check_health(asked.context)
    return HealthAnswer(status="ok", version=VERSION, store_ms=round(seconds * 1000, 1))


ROUTES = (
    Route("GET", "/audit-log", Who.ADMIN, "What operators did, newest first.",
          _audit_log, Page[AuditAnswer], query=AuditLogQuery),
    Route("GET", "/subscriptions", Who.ADMIN, "Subscriptions, those that end first before all.",
          _subscriptions, Page[SubscriptionRecord], query=SubscriptionsQuery),
    Route("GET", "/maintenance", Who.ADMIN,
          "How the last run of each job went, what waits for an operator, and the settings.",
          _maintenance, MaintenanceAnswer),
    Route("POST", "/maintenance/{job}", Who.ADMIN, "Run a job by hand, for at most 40 seconds.",
          _run_job, JobAnswer, path=JobPath, query=DryRun, body=Noted),
    Route("GET", "/health", Who.ANYBODY, "Does the store answer, and how fast?",
          _health, HealthAnswer),
)  # fmt: skip
