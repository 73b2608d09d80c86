"""What operators look at beside users: the audit log, and whether all is well."""

from collections.abc import Mapping
from typing import Any, Self

from genquota.messages.answers import Answer, Time
from genquota.messages.queries import Instant, Paged
from genquota.messages.requests import UserId
from genquota.messages.stored import Stored


class AuditLogQuery(Paged):
    """`since` is included, `until` is not."""

    user_id: UserId | None = None
    since: Instant | None = None
    until: Instant | None = None


class AuditAnswer(Answer):
    """What an operator did, and why."""

    id: str
    at: Time | None
    actor_id: str | None
    action: str | None
    user_id: str | None
    note: str | None
    before: dict[str, Any]
    after: dict[str, Any]

    @classmethod
    def of(cls, entry_id: str, data: Mapping[str, Any]) -> Self:
        stored = Stored(data)
        return cls(
            id=entry_id,
            at=stored.time("at"),
            actor_id=stored.text("actorId"),
            action=stored.text("action"),
            user_id=stored.text("userId"),
            note=stored.text("note"),
            before=stored.map("before") or {},
            after=stored.map("after") or {},
        )


class HealthAnswer(Answer):
    """The store answers; if it does not, this is an error 503 instead."""

    status: str
    version: str
    store_ms: float
    """How long one document read took."""
