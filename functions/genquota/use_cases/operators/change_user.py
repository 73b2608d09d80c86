"""The template of every change that an operator makes to one user.

Operator and user are read at once, the change is decided, and user, audit entry and whatever else the
change writes are committed together. A dry run stops before the commit.
"""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import AccountDeleted, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.quota.usage_counters import ClosedWindowIncrement
from genquota.domain.records import dataclass
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import (
    AuditContext,
    RequestContext,
    actor_of,
    load_request,
)
from genquota.use_cases.core.user_state import UserState, reevaluate


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The result of deciding on a change: the account and the audit facts."""

    action: AuditAction
    account: Account
    before: Mapping[str, Any] = field(default_factory=dict)
    """What the audit entry says was so, in short; nothing personal."""
    after: Mapping[str, Any] = field(default_factory=dict)
    increments: tuple[ClosedWindowIncrement, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Further top-level fields of the user document."""
    is_noop: bool = False
    """It was done before: nothing is written."""
    about: str | None = None
    """The id of what was made or changed beside the user: a grant, a subscription, a generation."""


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """What a change did, or in a dry run would do."""

    audit: AuditContext
    edit: ChangeSet
    user: UserState
    """As the user is now."""
    quota_before: Decision
    quota: Decision
    audit_id: str | None
    """None: nothing was written."""


def change_user(
    context: Context,
    operator: Caller | None,
    user_id: str | None,
    audit: AuditContext,
    change: Callable[[Transaction, RequestContext], ChangeSet],
    generation_id: str | None = None,
) -> ChangeResult:
    """Change one user as ``change`` says.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Who is changed; None: the user of the record.
        audit: The note for the audit log, and whether this is a dry run.
        change: Decides on the case as it is read; may be called again. It may write further documents
            to the transaction, for those are dropped with it in a dry run.
        generation_id: A record to read along.

    Raises:
        NotAllowed: The operator is no admin.
        UserNotFound: There is no such user.
        AccountDeleted: There was; nothing is written to what is left of them.
        GenquotaError: What ``change`` refuses, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> ChangeResult:
        request = load_request(context, transaction, operator, user_id, generation_id)
        request.authorize(Permission.CHANGE_USER)
        if not request.user.seen.exists:
            raise UserNotFound
        if request.user.account.is_deleted:
            raise AccountDeleted
        edit = change(transaction, request)
        after = reevaluate(context, transaction, request.user, edit.account)
        quota_before, quota = request.user.decide(QuotaRequest()), after.decide(QuotaRequest())
        audit_id = None
        if audit.dry_run or edit.is_noop:
            transaction.discard()
        else:
            case_after = replace(request, user=after)
            case_after.save(transaction, after.account, quota, edit.increments, dict(edit.fields))
            entry = AuditEntry(
                at=after.now,
                actor_id=actor_of(operator),
                action=edit.action,
                note=audit.note,
                user_id=request.user.account.uid,
                before=edit.before,
                after=edit.after,
            )
            audit_id = write_audit_entry(transaction, entry)
        return ChangeResult(audit, edit, after, quota_before, quota, audit_id)

    return run_transaction(context.db, attempt)
