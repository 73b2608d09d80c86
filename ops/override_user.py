"""Add one override to a user; called for each of many users."""

import hashlib
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.overrides import (
    PLAN_NAME,
    LimitChanges,
    change_limits,
    overridden_after,
    overridden_before,
    resolve_limit_changes,
)
from genquota.domain.errors import IdempotencyMismatch
from genquota.domain.plans.plans import Override
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user
from genquota.use_cases.operators.set_plan import require_plan


def override_user(
    context: Context,
    operator: Caller | None,
    user_id: str,
    asked: LimitChanges,
    idempotency_key: str,
    audit: AuditContext,
    *,
    only_on_plan: str | None = None,
) -> ChangeResult:
    """Lay an override on a user, at most once for each key. `ChangeSet.about` is its id.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose terms.
        asked: The new values; None removes what overrides say.
        idempotency_key: The same for all users of one action, which may so be done again.
        audit: The note for the audit log, and whether this is a dry run.
        only_on_plan: Pass over users on another plan: the change is a no-op with an empty `after`.

    Raises:
        IdempotencyMismatch: The key was used for other terms.
        PlanNotFound: `planId` names no plan.
        InvalidArgument: They name nothing or are over already, or the user has too many overrides.
        GenquotaError: See `change_user`.
    """
    override_id = override_id_for(idempotency_key)

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        now, before = request.user.now, request.user.account
        changes = resolve_limit_changes(asked, before, now)
        after: dict[str, Any] = dict(overridden_after(changes))
        if changes.expires_at:
            after["expiresAt"] = changes.expires_at
        if _is_laid(before.overrides, changes.as_override(override_id, now)):
            return ChangeSet(
                AuditAction.OVERRIDE_MANY, before, {}, after, is_noop=True, about=override_id
            )
        if only_on_plan is not None and request.user.plan_id != only_on_plan:
            return ChangeSet(AuditAction.OVERRIDE_MANY, before, is_noop=True)
        _require_plan(context, transaction, changes)
        account = change_limits(before, changes, override_id, now)
        was = overridden_before(before, changes, now)
        return ChangeSet(
            AuditAction.OVERRIDE_MANY,
            account,
            was,
            after,
            is_noop=account == before,
            about=override_id,
        )

    return change_user(context, operator, user_id, audit, change)


def override_id_for(idempotency_key: str) -> str:
    """Return the id of the override for a key: short, and a plain field name."""
    return "o" + hashlib.sha256(idempotency_key.encode()).hexdigest()[:23]


def _is_laid(overrides: tuple[Override, ...], asked: Override | None) -> bool:
    """Return whether the override is there.

    Raises:
        IdempotencyMismatch: It is, with other terms.
    """
    laid = next((each for each in overrides if asked and each.id == asked.id), None)
    if laid is not None and laid != asked:
        raise IdempotencyMismatch
    return laid is not None


def _require_plan(context: Context, transaction: Transaction, changes: LimitChanges) -> None:
    plan_id = changes.values.get(PLAN_NAME)
    if isinstance(plan_id, str):
        require_plan(context, transaction, plan_id)
