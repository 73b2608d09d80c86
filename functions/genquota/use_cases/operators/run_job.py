"""Run a job by hand."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import NotFound
from genquota.domain.permissions import Permission
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, actor_of
from genquota.use_cases.jobs.job_table import JOBS
from genquota.use_cases.jobs.last_runs import JobRun, record_run

TIME_ALLOWED = timedelta(seconds=40)
"""Through Hosting a request ends after 60 s."""


def run_job(
    context: Context, operator: Caller | None, name: str, audit: AuditContext
) -> tuple[Mapping[str, Any], str | None]:
    """Run a job for at most 40 seconds, and return its report and the id of the audit entry.

    In a dry run nothing is written, and the report says what is due.

    Raises:
        NotFound: There is no such job.
        NotAllowed: The operator is no admin.
        GenquotaError: The store did not answer.
    """
    now = authorize_read(context, operator, Permission.RUN_JOB).now
    if name not in JOBS:
        raise NotFound
    begun = time.monotonic()
    report = asdict(JOBS[name](context, TIME_ALLOWED, dry_run=audit.dry_run))
    if audit.dry_run:
        return report, None
    record_run(context, JobRun(name, time.monotonic() - begun, report, is_by_hand=True))
    actor = actor_of(operator)
    entry = AuditEntry(now, actor, AuditAction.RUN_JOB, audit.note, after={"job": name, **report})

    def attempt(transaction: Transaction) -> str:
        return write_audit_entry(transaction, entry)

    return report, run_transaction(context.db, attempt)
