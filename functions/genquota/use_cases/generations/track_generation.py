"""Record a generation that was made elsewhere: reserve and settle it in one commit, or refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genquota.domain.errors import IdempotencyMismatch
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Decision
from genquota.domain.quota.generation import Generation, report, reserve
from genquota.domain.words import Status
from genquota.store.generation_document import create_generation_document
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import show_new
from genquota.use_cases.core.user_state import Present
from genquota.use_cases.generations.create_generation import (
    Order,
    close_expired,
    content_of,
    expired_if_crowded,
    fingerprint_of,
    generation_id_for,
)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A generation that is settled, or the replay of one."""

    holder: Present
    quota: Decision
    """The same question asked again, now that it is charged."""
    generation: Generation
    replayed: bool


def track_generation(
    context: Context,
    caller: Caller | None,
    user_id: str,
    order: Order,
    outputs: tuple[Mapping[str, Any], ...] = (),
) -> Tracked:
    """Charge a generation that has succeeded, at most once for each idempotency key.

    It is decided upon like any other: what would refuse to reserve it refuses to track it.

    Args:
        context: The deployment.
        caller: A service or an admin.
        user_id: Whose generation.
        order: What was made, and the key.
        outputs: What came of it, if that is known; else `count` of them are counted.

    Raises:
        LimitRefusal, NoPlan: The decision refuses; nothing was changed.
        IdempotencyMismatch: The key was used for another order, or to open a generation.
        GenquotaError: The caller may not do this, or the store did not answer.
    """
    generation_id = generation_id_for(user_id, order.idempotency_key)
    fingerprint = f"{fingerprint_of(order)}-tracked"

    def attempt(transaction: Transaction) -> Tracked:
        case = open_case(context, transaction, caller, user_id, generation_id)
        case.authorize(Permission.TRACK_GENERATION)
        case.require_right_to(order.ask)
        holder = case.holder
        if case.record:
            if case.record.data["fingerprint"] != fingerprint:
                raise IdempotencyMismatch(generation_id)
            return Tracked(holder, holder.decide(order.ask), case.record.generation, replayed=True)
        expired = expired_if_crowded(transaction, holder)
        decision = holder.decide(order.ask, expired.account)
        reserved = reserve(expired.account, decision, generation_id, order.ask.type, holder.now)
        settled = report(
            reserved.account,
            reserved.generation,
            Status.SUCCESS,
            len(outputs) or order.ask.count,
            holder.now,
            holder.policy,
        )
        quota = holder.decide(order.ask, settled.account)
        content = {**content_of(order, fingerprint, holder), "completedAt": holder.now}
        if outputs:
            content |= {"outputs": [dict(each) for each in outputs], "imageUrl": outputs[0]["url"]}
        shown = show_new(transaction, holder, settled.generation, content)
        content |= shown.record
        create_generation_document(transaction, settled.generation, content, holder.now)
        close_expired(transaction, holder, expired)
        news = {"lastGenerationAt": holder.now, **shown.user}
        additions = (*expired.additions, *settled.additions)
        case.save(transaction, settled.account, quota, additions, news)
        return Tracked(holder, quota, settled.generation, replayed=False)

    return run_transaction(context.db, attempt, lane=user_id)
