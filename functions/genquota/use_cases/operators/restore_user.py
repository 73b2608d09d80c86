"""Restore a deleted user: let the uid sign up again."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import NotAllowed, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.privacy.deletion import is_being_deleted, lift_tombstone
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, actor_of, load_request
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet

_NOT_FINISHED = "The deletion is not finished: delete the user again until it is, then restore."


def restore_user(
    context: Context, operator: Caller | None, user_id: str, audit: AuditContext
) -> ChangeResult:
    """Lift the tombstone of a deleted user. Nothing that was deleted comes back.

    The user's next call makes their document, as a first call does, and what their former self had used
    of the windows that still run counts in it.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Who may sign up again.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        NotAllowed: The operator is no admin, or the deletion is not finished.
        UserNotFound: There is no such user, and was none.
        GenquotaError: The store did not answer.
    """

    def attempt(transaction: Transaction) -> ChangeResult:
        request = load_request(context, transaction, operator, user_id)
        request.authorize(Permission.RESTORE_USER)
        user = request.user
        if not user.seen.exists:
            raise UserNotFound
        if is_being_deleted(transaction, user_id):
            raise NotAllowed(_NOT_FINISHED)
        is_deleted = user.account.is_deleted
        edit = ChangeSet(
            AuditAction.RESTORE_USER,
            replace(user.account, is_deleted=False),
            {"isDeleted": is_deleted},
            {"isDeleted": False},
            is_noop=not is_deleted,
        )
        audit_id = None
        if is_deleted and not audit.dry_run:
            lift_tombstone(transaction, user.seen, user.now)
            actor = actor_of(operator)
            entry = AuditEntry(
                user.now, actor, edit.action, audit.note, user_id, edit.before, edit.after
            )
            audit_id = write_audit_entry(transaction, entry)
        restored = replace(user, account=edit.account)
        quota_before, quota = user.decide(QuotaRequest()), restored.decide(QuotaRequest())
        return ChangeResult(audit, edit, restored, quota_before, quota, audit_id)

    return run_transaction(context.db, attempt, lock_key=user_id)
