"""Give a user a grant."""

from datetime import datetime
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.bounds import MAX_CREDITS
from genquota.domain.errors import IdempotencyMismatch, InvalidArgument
from genquota.domain.quota.account import Grant
from genquota.domain.quota.grants import add_grant
from genquota.domain.records import dataclass
from genquota.store.grant_document import (
    create_grant_document,
    grant_id_for,
    grant_path,
    read_grant,
)
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext, actor_of
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user

"""Of one grant, as of one generation."""


@dataclass(frozen=True, slots=True)
class GrantCommand:
    """What is given, and the key that makes giving twice harmless."""

    credits: int
    idempotency_key: str
    expires_at: datetime | None = None
    purchased: bool = False
    """Paid for: it is spent after what was given, unless it ends sooner."""


def give_grant(
    context: Context,
    operator: Caller | None,
    user_id: str,
    command: GrantCommand,
    audit: AuditContext,
) -> ChangeResult:
    """Give a user a grant, at most once for each key. `ChangeSet.about` is its id.

    Raises:
        IdempotencyMismatch: The key was used for a grant of other terms.
        InvalidArgument: Nothing is given, or for a time that is over, or the user has too many.
        GenquotaError: See `change_user`.
    """
    if not 1 <= command.credits <= MAX_CREDITS:
        raise InvalidArgument((("credits", f"not a whole number from 1 to {MAX_CREDITS}"),))
    grant_id = grant_id_for(command.idempotency_key)
    # Whole seconds, rounded down: what stands in a hold has no fractions.
    expires_at = command.expires_at.replace(microsecond=0) if command.expires_at else None
    grant = Grant(command.credits, expires_at=expires_at, purchased=command.purchased)

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        user = request.user
        path = grant_path(user_id, grant_id)
        given = read_grant(transaction.read([path])[path])
        if given:
            _require_same(given.grant, grant, grant_id)
            return ChangeSet(
                AuditAction.GIVE_GRANT,
                user.account,
                {},
                _facts(grant_id, grant),
                is_noop=True,
                about=grant_id,
            )
        if expires_at and expires_at <= user.now:
            raise InvalidArgument((("expiresAt", "is not in the future"),))
        account = add_grant(user.account, grant_id, grant, user.now)
        actor = actor_of(operator)
        create_grant_document(transaction, user_id, grant_id, grant, actor, user.now)
        return ChangeSet(
            AuditAction.GIVE_GRANT, account, {}, _facts(grant_id, grant), about=grant_id
        )

    return change_user(context, operator, user_id, audit, change)


def _require_same(given: Grant, asked: Grant, grant_id: str) -> None:
    """Refuse another grant under the same key; whether it was taken back since is no matter."""
    terms = [(each.credits, each.expires_at, each.purchased) for each in (given, asked)]
    if terms[0] != terms[1]:
        raise IdempotencyMismatch(grant_id=grant_id)


def _facts(grant_id: str, grant: Grant) -> dict[str, Any]:
    return {
        "grantId": grant_id,
        "credits": grant.credits,
        "purchased": grant.purchased,
        "expiresAt": grant.expires_at,
    }
