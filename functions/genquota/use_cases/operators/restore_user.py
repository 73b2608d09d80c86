"""Let a deleted uid sign up again, which nothing else does."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import NotAllowed, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Ask
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.privacy.deletion import allow_sign_up, is_being_deleted
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.audit import Deed, actor_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.operators.change_user import Changed, Edit

_NOT_FINISHED = "The deletion is not finished: delete the user again until it is, then restore."


def restore_user(context: Context, operator: Caller | None, user_id: str, deed: Deed) -> Changed:
    """Lift the tombstone of a deleted user. Nothing that was deleted comes back.

    The user's next call makes their document, as a first call does, and what their former self had used
    of the windows that still run counts in it.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Who may sign up again.
        deed: What the audit log is told.

    Raises:
        NotAllowed: The operator is no admin, or the deletion is not finished.
        UserNotFound: There is no such user, and was none.
        GenquotaError: The store did not answer.
    """

    def attempt(transaction: Transaction) -> Changed:
        case = open_case(context, transaction, operator, user_id)
        case.authorize(Permission.RESTORE_USER)
        holder = case.holder
        if not holder.seen.exists:
            raise UserNotFound
        if is_being_deleted(transaction, user_id):
            raise NotAllowed(_NOT_FINISHED)
        is_deleted = holder.account.is_deleted
        edit = Edit(
            AuditAction.RESTORE_USER,
            replace(holder.account, is_deleted=False),
            {"isDeleted": is_deleted},
            {"isDeleted": False},
            is_done=not is_deleted,
        )
        audit_id = None
        if is_deleted and not deed.dry_run:
            allow_sign_up(transaction, holder.seen, holder.now)
            actor = actor_of(operator)
            entry = AuditEntry(
                holder.now, actor, edit.action, deed.note, user_id, edit.before, edit.after
            )
            audit_id = write_audit_entry(transaction, entry)
        restored = replace(holder, account=edit.account)
        quota_before, quota = holder.decide(Ask()), restored.decide(Ask())
        return Changed(deed, edit, restored, quota_before, quota, audit_id)

    return run_transaction(context.db, attempt, lane=user_id)
