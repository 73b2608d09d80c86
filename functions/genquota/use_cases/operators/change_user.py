"""The frame of every change that an operator makes to one user.

Operator and user are read at once, the change is decided, and user, audit entry and whatever else the
change writes are committed together. A dry run stops before the commit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import AccountDeleted, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import Ask, Decision
from genquota.domain.quota.usage_counters import Addition
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import Case, open_case
from genquota.use_cases.core.audit import Deed, actor_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present, reconsider


@dataclass(frozen=True, slots=True)
class Edit:
    """What a change comes to."""

    action: AuditAction
    account: Account
    before: Mapping[str, Any] = field(default_factory=dict)
    """What the audit entry says was so, in short; nothing personal."""
    after: Mapping[str, Any] = field(default_factory=dict)
    additions: tuple[Addition, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Further top-level fields of the user document."""
    is_done: bool = False
    """It was done before: nothing is written."""
    about: str | None = None
    """The id of what was made or changed beside the user: a grant, a subscription, a generation."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did, or in a dry run would do."""

    deed: Deed
    edit: Edit
    holder: Present
    """As the user is now."""
    quota_before: Decision
    quota: Decision
    audit_id: str | None
    """None: nothing was written."""


def change_user(
    context: Context,
    operator: Caller | None,
    user_id: str | None,
    deed: Deed,
    change: Callable[[Transaction, Case], Edit],
    generation_id: str | None = None,
) -> Changed:
    """Change one user as ``change`` says.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Who is changed; None: the user of the record.
        deed: What the audit log is told.
        change: Decides on the case as it is read; may be called again. It may write further documents
            to the transaction, for those are dropped with it in a dry run.
        generation_id: A record to read along.

    Raises:
        NotAllowed: The operator is no admin.
        UserNotFound: There is no such user.
        AccountDeleted: There was; nothing is written to what is left of them.
        GenquotaError: What ``change`` refuses, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> Changed:
        case = open_case(context, transaction, operator, user_id, generation_id)
        case.authorize(Permission.CHANGE_USER)
        if not case.holder.seen.exists:
            raise UserNotFound
        if case.holder.account.is_deleted:
            raise AccountDeleted
        edit = change(transaction, case)
        after = reconsider(context, transaction, case.holder, edit.account)
        quota_before, quota = case.holder.decide(Ask()), after.decide(Ask())
        audit_id = None
        if deed.dry_run or edit.is_done:
            transaction.discard()
        else:
            case_after = replace(case, holder=after)
            case_after.save(transaction, after.account, quota, edit.additions, dict(edit.fields))
            entry = AuditEntry(
                at=after.now,
                actor_id=actor_of(operator),
                action=edit.action,
                note=deed.note,
                user_id=case.holder.account.uid,
                before=edit.before,
                after=edit.after,
            )
            audit_id = write_audit_entry(transaction, entry)
        return Changed(deed, edit, after, quota_before, quota, audit_id)

    return run_transaction(context.db, attempt, lane=user_id)
