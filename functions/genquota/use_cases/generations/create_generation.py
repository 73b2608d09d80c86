"""Open a generation: take the hold and write the record, or refuse and leave no trace."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from genquota.domain.errors import IdempotencyMismatch, UserNotFound
from genquota.domain.policy import MAX_OPEN
from genquota.domain.quota.decision import Ask, Decision
from genquota.domain.quota.generation import Expired, Generation, expire, reserve
from genquota.domain.words import Status
from genquota.store.generation_document import (
    create_generation_document,
    existing_generations,
    expire_generation_document,
    previous_generation,
)
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context, holder_named
from genquota.use_cases.core.live_feed import entries_of, show_expired, show_new
from genquota.use_cases.core.user_state import Present


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: what it costs, what it is, and the key that makes asking twice harmless."""

    idempotency_key: str
    ask: Ask
    content: dict[str, Any]
    """Further fields of the record, as they stand in the document."""
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open generation, or the replay of one."""

    holder: Present
    quota: Decision
    """The same question asked again, now that the hold is taken."""
    generation: Generation
    replayed: bool

    @property
    def status(self) -> Status:
        return self.generation.status_at(self.holder.now)


def create_generation(
    context: Context, caller: Caller | None, user_id: str | None, order: Order
) -> Opened:
    """Open a generation for the holder, at most once for each idempotency key.

    Raises:
        LimitRefusal, NoPlan: The decision refuses; nothing was changed.
        IdempotencyMismatch: The key was used for another order.
        GenquotaError: The caller may not do this, or the store did not answer.
    """
    uid = holder_named(caller, user_id)
    if uid is None:
        raise UserNotFound
    generation_id = generation_id_for(uid, order.idempotency_key)
    fingerprint = fingerprint_of(order)

    def attempt(transaction: Transaction) -> Opened:
        case = open_case(context, transaction, caller, uid, generation_id)
        case.require_right_to(order.ask)
        holder = case.holder
        if case.record:
            if case.record.data["fingerprint"] != fingerprint:
                raise IdempotencyMismatch(generation_id)
            quota = holder.decide(order.ask)
            return Opened(holder, quota, case.record.generation, replayed=True)
        expired = expired_if_crowded(transaction, holder)
        decision = holder.decide(order.ask, expired.account)
        outcome = reserve(expired.account, decision, generation_id, order.ask.type, holder.now)
        quota = holder.decide(order.ask, outcome.account)
        content = content_of(order, fingerprint, holder)
        shown = show_new(transaction, holder, outcome.generation, content)
        create_generation_document(
            transaction, outcome.generation, {**content, **shown.record}, holder.now
        )
        close_expired(transaction, holder, expired)
        news = {"lastGenerationAt": holder.now, **shown.user}
        case.save(transaction, outcome.account, quota, expired.additions, news)
        return Opened(holder, quota, outcome.generation, replayed=False)

    return run_transaction(context.db, attempt, lane=uid)


def expired_if_crowded(transaction: Transaction, holder: Present) -> Expired:
    """Close holds past their end, if they fill the document: they take no credits, but room."""
    if len(holder.account.holds) < MAX_OPEN:
        return Expired(holder.account)
    expired = expire(holder.account, holder.now)
    # A record that was removed by hand must not keep its hold, and so its user, stuck.
    recorded = existing_generations(transaction, expired.generation_ids)
    return replace(expired, generation_ids=tuple(recorded))


def close_expired(transaction: Transaction, holder: Present, expired: Expired) -> None:
    """Close the records of holds that have ended, and show in the feed that they have failed."""
    ids = expired.generation_ids
    show_expired(transaction, holder, entries_of(transaction, holder, ids), ids)
    for generation_id in ids:
        expire_generation_document(transaction, generation_id, holder.now)


def generation_id_for(uid: str, idempotency_key: str) -> str:
    """Name the generation of a user's key: scattered, and a plain field name."""
    return "g" + hashlib.sha256(f"{uid}\0{idempotency_key}".encode()).hexdigest()[:31]


def content_of(order: Order, fingerprint: str, holder: Present) -> dict[str, Any]:
    """Return what the record says of the order."""
    ask, subscription = order.ask, holder.account.subscription
    content = {
        **order.content,
        "type": ask.type,
        "quality": ask.quality,
        "count": ask.count,
        "planId": holder.plan_id,
        "metadata": order.metadata,
        "fingerprint": fingerprint,
        **previous_generation(holder.seen.data),
    }
    if ask.engine is not None:
        content["engine"] = ask.engine
    if subscription and subscription.is_in_force(holder.now, holder.policy):
        content["subscriptionId"] = subscription.id
    return content


def fingerprint_of(order: Order) -> str:
    """Sum up all of the order but its key and metadata."""
    ask = order.ask
    asked = [ask.type, ask.engine, ask.quality, ask.count, ask.credits, order.content]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]
