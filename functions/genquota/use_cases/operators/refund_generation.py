"""Refund a settled generation."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.adjustments import refund, take_off_closed
from genquota.domain.enums import LIMIT_WINDOWS, Status
from genquota.domain.errors import GenerationClosed
from genquota.domain.quota.account import Account, Grant
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.usage_counters import ClosedWindowIncrement
from genquota.store.closed_windows import read_closed_windows
from genquota.store.generation_document import refund_generation_document
from genquota.store.grant_document import grant_path, read_grant
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.core.user_state import UserState
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def refund_generation(
    context: Context,
    operator: Caller | None,
    user_id: str | None,
    generation_id: str,
    audit: AuditContext,
) -> ChangeResult:
    """Give a success back to the windows and grants that paid for it, once. It stays a success.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose it is; None: whoever the record says.
        generation_id: Which.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        GenerationNotFound: There is none, or it is another user's.
        InvalidArgument: It is still open.
        GenerationClosed: It ended without a charge.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, request: RequestContext) -> ChangeSet:
        user, record = request.user, request.own_record
        generation = record.generation
        if generation.status_at(user.now) is Status.EXPIRED:
            raise GenerationClosed(Status.EXPIRED)
        account = _with_spent_grants(transaction, user, generation)
        outcome = refund(account, generation)
        is_noop = outcome.generation is generation
        increments = _taken_off(transaction, user, outcome.increments)
        if not is_noop:
            by_window = _credits_by_window(account, outcome.account, increments)
            refund_generation_document(transaction, record, outcome.generation, by_window, user.now)
        return ChangeSet(
            AuditAction.REFUND_GENERATION,
            user.account if is_noop else outcome.account,
            {"generationId": generation_id, "charged": generation.charged},
            {"generationId": generation_id, "charged": 0, "refunded": True},
            increments,
            is_noop=is_noop,
            about=generation_id,
        )

    return change_user(context, operator, user_id, audit, change, generation_id)


def _with_spent_grants(
    transaction: Transaction, user: UserState, generation: Generation
) -> Account:
    """Take in again the grants that paid and made room for others since, unless they have ended."""
    account = user.account
    gone = {part.grant_id for part in generation.hold.allocation.grants} - account.grants.keys()
    found = transaction.read(grant_path(account.uid, grant_id) for grant_id in gone)
    documents = [document for each in found.values() if (document := read_grant(each))]
    again: dict[str, Grant] = {
        each.id: replace(each.grant, used=each.grant.credits)  # only what was spent makes room
        for each in documents
        if each.grant.is_active(user.now)
    }
    return replace(account, grants={**account.grants, **again}) if again else account


def _credits_by_window(
    before: Account, after: Account, increments: tuple[ClosedWindowIncrement, ...]
) -> dict[str, int]:
    """Return how many credits less each window shows as used: the running ones, and closed ones."""
    running = {
        window.value: counter.used_by(None) - after.windows[window].used_by(None)
        for window, counter in before.windows.items()
        if window in LIMIT_WINDOWS
    }
    closed = {each.window.value: -each.credits for each in increments}
    return {window: credits for window, credits in {**running, **closed}.items() if credits}


def _taken_off(
    transaction: Transaction, user: UserState, increments: tuple[ClosedWindowIncrement, ...]
) -> tuple[ClosedWindowIncrement, ...]:
    """Split what goes to closed windows by what they still show, those included that close just now."""
    shown = read_closed_windows(transaction, user.account.uid, increments)
    closing = {(each.window, each.counter.span.start): each.counter for each in user.closed}
    allocation = []
    for increment in increments:
        key = (increment.window, increment.start)
        used = shown.get(key, {}).get(increment.type, 0)
        if key in closing:
            used += closing[key].used_by(increment.type)
        allocation.append(take_off_closed(increment, used))
    return tuple(allocation)
