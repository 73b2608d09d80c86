"""`auditLog/{id}`: entries on operators' changes, created and never changed."""

import secrets
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.records import dataclass
from genquota.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change by an operator: who, what, to whom, why, values before and after. Nothing personal."""

    at: datetime
    actor_id: str
    action: AuditAction
    note: str
    user_id: str | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def write_audit_entry(transaction: Transaction, entry: AuditEntry) -> str:
    """Write an entry in the commit of the change itself. Return its id."""
    entry_id = secrets.token_hex(10)
    document = {
        "at": entry.at,
        "actorId": entry.actor_id,
        "action": entry.action.value,
        "userId": entry.user_id,
        "note": entry.note,
        "before": dict(entry.before),
        "after": dict(entry.after),
    }
    transaction.create(f"auditLog/{entry_id}", document)
    return entry_id
