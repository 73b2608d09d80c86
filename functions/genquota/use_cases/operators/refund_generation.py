"""Give a settled generation back."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.adjustments import refund, take_off_closed
from genquota.domain.errors import GenerationClosed
from genquota.domain.quota.account import Account, Grant
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.usage_counters import Addition
from genquota.domain.words import LIMIT_WINDOWS, Status
from genquota.store.closed_windows import read_closed
from genquota.store.generation_document import refund_generation_document
from genquota.store.grant_document import grant_path, read_grant
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present
from genquota.use_cases.operators.change_user import Changed, Edit, change_user


def refund_generation(
    context: Context,
    operator: Caller | None,
    user_id: str | None,
    generation_id: str,
    deed: Deed,
) -> Changed:
    """Give a success back to the windows and grants that paid for it, once. It stays a success.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose it is; None: whoever the record says.
        generation_id: Which.
        deed: What the audit log is told.

    Raises:
        GenerationNotFound: There is none, or it is another user's.
        InvalidArgument: It is still open.
        GenerationClosed: It ended without a charge.
        GenquotaError: See `change_user`.
    """

    def change(transaction: Transaction, case: Case) -> Edit:
        holder, record = case.holder, case.own_record
        generation = record.generation
        if generation.status_at(holder.now) is Status.EXPIRED:
            raise GenerationClosed(Status.EXPIRED)
        account = _with_spent_grants(transaction, holder, generation)
        outcome = refund(account, generation)
        is_done = outcome.generation is generation
        additions = _taken_off(transaction, holder, outcome.additions)
        if not is_done:
            by_window = _credits_by_window(account, outcome.account, additions)
            refund_generation_document(
                transaction, record, outcome.generation, by_window, holder.now
            )
        return Edit(
            AuditAction.REFUND_GENERATION,
            holder.account if is_done else outcome.account,
            {"generationId": generation_id, "charged": generation.charged},
            {"generationId": generation_id, "charged": 0, "refunded": True},
            additions,
            is_done=is_done,
            about=generation_id,
        )

    return change_user(context, operator, user_id, deed, change, generation_id)


def _with_spent_grants(
    transaction: Transaction, holder: Present, generation: Generation
) -> Account:
    """Take in again the grants that paid and made room for others since, unless they have ended."""
    account = holder.account
    gone = {part.grant_id for part in generation.hold.split.grants} - account.grants.keys()
    found = transaction.read(grant_path(account.uid, grant_id) for grant_id in gone)
    documents = [document for each in found.values() if (document := read_grant(each))]
    again: dict[str, Grant] = {
        each.id: replace(each.grant, used=each.grant.credits)  # only what was spent makes room
        for each in documents
        if each.grant.is_live(holder.now)
    }
    return replace(account, grants={**account.grants, **again}) if again else account


def _credits_by_window(
    before: Account, after: Account, additions: tuple[Addition, ...]
) -> dict[str, int]:
    """Return how many credits less each window shows as used: the running ones, and closed ones."""
    running = {
        window.value: counter.used_by(None) - after.windows[window].used_by(None)
        for window, counter in before.windows.items()
        if window in LIMIT_WINDOWS
    }
    closed = {each.window.value: -each.credits for each in additions}
    return {window: credits for window, credits in {**running, **closed}.items() if credits}


def _taken_off(
    transaction: Transaction, holder: Present, additions: tuple[Addition, ...]
) -> tuple[Addition, ...]:
    """Split what goes to closed windows by what they still show, those included that close just now."""
    shown = read_closed(transaction, holder.account.uid, additions)
    closing = {(each.window, each.counter.span.start): each.counter for each in holder.closed}
    split = []
    for addition in additions:
        key = (addition.window, addition.start)
        used = shown.get(key, {}).get(addition.type, 0)
        if key in closing:
            used += closing[key].used_by(addition.type)
        split.append(take_off_closed(addition, used))
    return tuple(split)
