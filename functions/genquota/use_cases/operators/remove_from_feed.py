"""Remove an entry from the live feed."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import GenerationNotFound
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.feed_document import feed_path, remove_entry
from genquota.store.generation_document import (
    exclude_from_feed,
    generation_path,
    read_generation,
)
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.authorized_read import authorize_read_in
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, actor_of


@dataclass(frozen=True, slots=True)
class RemoveResult:
    """What removing did, or in a dry run would do."""

    audit: AuditContext
    generation_id: str
    user_id: str | None
    """Whose generation; None: its record is gone."""
    is_shown: bool
    """Whether it was in the feed, or would have come back there with its report."""
    audit_id: str | None
    """None: nothing was written."""


def remove_from_feed(
    context: Context, operator: Caller | None, generation_id: str, audit: AuditContext
) -> RemoveResult:
    """Remove a generation from the feed for good: no report or late success brings it back.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        generation_id: Which.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        GenerationNotFound: There is neither a generation nor an entry of that id.
        GenquotaError: The operator is no admin, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> RemoveResult:
        paths = [generation_path(generation_id), feed_path(generation_id)]
        reader = authorize_read_in(
            transaction, context, operator, Permission.REMOVE_FROM_FEED, paths=paths
        )
        record, entry = read_generation(reader.found[paths[0]]), reader.found[paths[1]]
        if record is None and not entry.exists:
            raise GenerationNotFound
        uid = record.generation.uid if record else None
        is_live = record is not None and record.data.get("live") is True
        is_shown = is_live or bool(entry.exists)
        if audit.dry_run or not is_shown:
            return RemoveResult(audit, generation_id, uid, is_shown, audit_id=None)
        remove_entry(transaction, generation_id)
        if record and is_live:
            exclude_from_feed(transaction, record, reader.now)
        logged = AuditEntry(
            at=reader.now,
            actor_id=actor_of(operator),
            action=AuditAction.REMOVE_FROM_FEED,
            note=audit.note,
            user_id=uid,
            before={"generationId": generation_id, "live": True},
            after={"generationId": generation_id, "live": False},
        )
        audit_id = write_audit_entry(transaction, logged)
        return RemoveResult(audit, generation_id, uid, is_shown, audit_id)

    return run_transaction(context.db, attempt)
