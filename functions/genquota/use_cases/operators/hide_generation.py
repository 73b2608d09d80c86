"""Hide a generation from its user's history, by its user or an admin."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, actor_of, load_request
from genquota.use_cases.generations.delete_generation import hide


@dataclass(frozen=True, slots=True)
class HideResult:
    """What hiding did, or in a dry run would do."""

    user_id: str
    """Whose generation."""
    is_change: bool
    """False: it was hidden before, and nothing was written."""
    audit_id: str | None


def hide_generation(
    context: Context,
    caller: Caller | None,
    generation_id: str,
    note: str | None,
    *,
    dry_run: bool = False,
) -> HideResult:
    """Hide a generation. Quota is untouched; an open one runs on.

    Args:
        context: The deployment.
        caller: Its user, or an admin; None is the command line.
        generation_id: Which.
        note: Why. Whoever hides another user's generation must say it; it stands in the audit log.
        dry_run: Write nothing.

    Raises:
        InvalidArgument: An admin does not say why.
        GenerationNotFound: There is none, or it is another user's.
        GenquotaError: The caller may not do this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> HideResult:
        request = load_request(context, transaction, caller, None, generation_id)
        request.authorize(Permission.HIDE_GENERATION)
        uid = request.own_record.generation.uid
        is_own = caller is not None and caller.uid == uid
        audit = None if is_own else AuditContext(note or "", dry_run)
        is_change, audit_id = hide(transaction, request), None
        if is_change and dry_run:
            transaction.discard()
        elif is_change and audit:
            entry = AuditEntry(
                at=request.user.now,
                actor_id=actor_of(caller),
                action=AuditAction.HIDE_GENERATION,
                note=audit.note,
                user_id=uid,
                before={"generationId": generation_id, "isDeleted": False},
                after={"generationId": generation_id, "isDeleted": True},
            )
            audit_id = write_audit_entry(transaction, entry)
        return HideResult(uid, is_change, audit_id)

    return run_transaction(context.db, attempt)
