"""The audit log, runs of jobs, and health."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field
from pydantic.alias_generators import to_camel

from genquota.messages.answers.callable_answers import Answer
from genquota.messages.answers.stored import StoredAnswer, StoredMap, StoredText, StoredTime
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Instant, Paged
from genquota.messages.requests.values import UserId


class AuditLogQuery(Paged):
    """`since` is included, `until` is not."""

    user_id: UserId | None = None
    since: Instant | None = None
    until: Instant | None = None


class AuditAnswer(StoredAnswer):
    """What an operator did, and why."""

    id: str
    at: StoredTime
    actor_id: StoredText
    action: StoredText
    user_id: StoredText
    note: StoredText
    before: StoredMap
    after: StoredMap


class JobPath(Message):
    job: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]


class JobAnswer(Answer):
    """What a run of a job did, or in a dry run what is due."""

    job: str
    dry_run: bool
    audit_id: str | None
    report: dict[str, Any]
    """Its own counts; `finished: false` means: call again to go on."""

    @classmethod
    def of(
        cls, job: str, report: Mapping[str, Any], *, dry_run: bool, audit_id: str | None
    ) -> Self:
        counts = {to_camel(name): value for name, value in report.items()}
        return cls(job=job, dry_run=dry_run, audit_id=audit_id, report=counts)


class HealthAnswer(Answer):
    """The store answers; if it does not, this is an error 503 instead."""

    status: str
    version: str
    store_ms: float
    """How long one document read took."""
