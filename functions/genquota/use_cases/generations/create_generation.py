"""Create a generation: take the hold and write the record, or refuse and write nothing."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.errors import IdempotencyMismatch, UserNotFound
from genquota.domain.feed import LiveFeed
from genquota.domain.permissions import Permission
from genquota.domain.policy import MAX_OPEN
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.quota.generation import (
    ExpiredHolds,
    Generation,
    GenerationOutcome,
    expire_holds,
    reserve,
)
from genquota.domain.records import dataclass
from genquota.store.generation_document import (
    create_generation_document,
    existing_generations,
    expire_generation_document,
    generation_path,
    previous_generation,
)
from genquota.store.shared_commits import Shared
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.user_document import user_path
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import add_to_feed, fail_in_feed, feed_entries_of
from genquota.use_cases.core.request_context import load_request, target_user_id
from genquota.use_cases.core.user_state import UserState


@dataclass(frozen=True, slots=True)
class CreateCommand:
    """The command to create a generation: its price, its content, and its idempotency key."""

    idempotency_key: str
    quota_request: QuotaRequest
    content: dict[str, Any]
    """Further fields of the record, as they stand in the document."""
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CreatedGeneration:
    """A generation that is open or settled, or the replay of one."""

    user: UserState
    quota: Decision
    """The same question asked again, now that the hold is taken or charged."""
    generation: Generation
    replayed: bool

    @property
    def status(self) -> Status:
        return self.generation.status_at(self.user.now)


Settle = Callable[[UserState, GenerationOutcome], tuple[GenerationOutcome, dict[str, Any]]]
"""Charges a hold; returns the outcome, and what the record says of it."""


def create_generation(
    context: Context, caller: Caller | None, user_id: str | None, command: CreateCommand
) -> CreatedGeneration:
    """Open a generation for the user, at most once for each idempotency key.

    Raises:
        LimitRefusal, NoPlan: The decision refuses; nothing was changed.
        IdempotencyMismatch: The key was used for another request.
        GenquotaError: The caller may not do this, or the store did not answer.
    """
    uid = target_user_id(caller, user_id)
    if uid is None:
        raise UserNotFound
    return create_once(context, caller, uid, command, fingerprint_of(command))


def create_once(
    context: Context,
    caller: Caller | None,
    uid: str,
    command: CreateCommand,
    fingerprint: str,
    *,
    permission: Permission | None = None,
    settle: Settle | None = None,
) -> CreatedGeneration:
    """Reserve what a generation costs and write its record, or find what its key has made before.

    Args:
        context: The deployment.
        caller: Who calls.
        uid: Whose generation.
        command: What is asked for.
        fingerprint: What a request must have in common with the one that its key was first used for.
        permission: What the caller must be permitted, beyond acting for the user.
        settle: Charges at once what was reserved.

    Raises:
        As `create_generation`.
    """
    generation_id = generation_id_for(uid, command.idempotency_key)

    def attempt(transaction: Transaction) -> CreatedGeneration:
        request = load_request(context, transaction, caller, uid, generation_id)
        if permission:
            request.authorize(permission)
        asked = command.quota_request
        request.require_may_request(asked)
        user = request.user
        if request.record:
            if request.record.data["fingerprint"] != fingerprint:
                raise IdempotencyMismatch(generation_id)
            return CreatedGeneration(
                user, user.decide(asked), request.record.generation, replayed=True
            )
        expired = _expire_if_full(transaction, user)
        decision = user.decide(asked, expired.account)
        outcome = reserve(expired.account, decision, generation_id, asked.type, user.now)
        content = _content_of(command, fingerprint, user)
        if settle:
            outcome, results = settle(user, outcome)
            content |= results
        quota = user.decide(asked, outcome.account)
        fields = {"lastGenerationAt": user.now}
        if user.policy.feed.mode is not LiveFeed.OFF:
            shown = add_to_feed(transaction, user, outcome.generation, content)
            content |= shown.record
            fields |= shown.user
        create_generation_document(transaction, outcome.generation, content, user.now)
        _close_expired(transaction, user, expired)
        increments = (*expired.increments, *outcome.increments)
        request.save(transaction, outcome.account, quota, increments, fields)
        return CreatedGeneration(user, quota, outcome.generation, replayed=False)

    shared = Shared(user_path(uid), generation_path(generation_id))
    return run_transaction(context.db, attempt, lock_key=uid, shared=shared)


def _expire_if_full(transaction: Transaction, user: UserState) -> ExpiredHolds:
    """Close holds past their end, if they fill the document: they take no credits, but room."""
    if len(user.account.holds) < MAX_OPEN:
        return ExpiredHolds(user.account)
    expired = expire_holds(user.account, user.now)
    # A record that was removed by hand must not keep its hold, and so its user, stuck.
    recorded = existing_generations(transaction, expired.generation_ids)
    return replace(expired, generation_ids=tuple(recorded))


def _close_expired(transaction: Transaction, user: UserState, expired: ExpiredHolds) -> None:
    """Close the records of holds that have ended, and show in the feed that they have failed."""
    ids = expired.generation_ids
    if not ids:
        return
    fail_in_feed(transaction, user, feed_entries_of(transaction, user, ids), ids)
    for generation_id in ids:
        expire_generation_document(transaction, generation_id, user.now)


def generation_id_for(uid: str, idempotency_key: str) -> str:
    """Return the id of the generation for a user's key: scattered, and a plain field name."""
    return "g" + hashlib.sha256(f"{uid}\0{idempotency_key}".encode()).hexdigest()[:31]


def _content_of(command: CreateCommand, fingerprint: str, user: UserState) -> dict[str, Any]:
    """Return what the record says of the order."""
    quota_request, subscription = command.quota_request, user.account.subscription
    content = {
        **command.content,
        "type": quota_request.type,
        "quality": quota_request.quality,
        "count": quota_request.count,
        "planId": user.plan_id,
        "metadata": command.metadata,
        "fingerprint": fingerprint,
        **previous_generation(user.seen.data),
    }
    if quota_request.engine is not None:
        content["engine"] = quota_request.engine
    if subscription and subscription.is_in_force(user.now, user.policy):
        content["subscriptionId"] = subscription.id
    return content


def fingerprint_of(command: CreateCommand) -> str:
    """Sum up all of the order but its key and metadata."""
    quota_request = command.quota_request
    asked = [
        quota_request.type,
        quota_request.engine,
        quota_request.quality,
        quota_request.count,
        quota_request.credits,
        command.content,
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]
