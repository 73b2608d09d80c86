"""Track a generation made elsewhere: reserve and settle it in one commit, or refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.errors import IdempotencyMismatch
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Decision
from genquota.domain.quota.generation import Generation, report, reserve
from genquota.store.generation_document import create_generation_document
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import add_to_feed
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState
from genquota.use_cases.generations.create_generation import (
    CreateCommand,
    close_expired,
    content_of,
    expire_if_full,
    fingerprint_of,
    generation_id_for,
)


@dataclass(frozen=True, slots=True)
class TrackedGeneration:
    """A generation that is settled, or the replay of one."""

    user: UserState
    quota: Decision
    """The same question asked again, now that it is charged."""
    generation: Generation
    replayed: bool


def track_generation(
    context: Context,
    caller: Caller | None,
    user_id: str,
    command: CreateCommand,
    outputs: tuple[Mapping[str, Any], ...] = (),
) -> TrackedGeneration:
    """Charge a generation that has succeeded, at most once for each idempotency key.

    It is decided upon like any other: what would refuse to reserve it refuses to track it.

    Args:
        context: The deployment.
        caller: A service or an admin.
        user_id: Whose generation.
        command: What was made, and the key.
        outputs: What came of it, if that is known; else `count` of them are counted.

    Raises:
        LimitRefusal, NoPlan: The decision refuses; nothing was changed.
        IdempotencyMismatch: The key was used for another order, or to open a generation.
        GenquotaError: The caller may not do this, or the store did not answer.
    """
    generation_id = generation_id_for(user_id, command.idempotency_key)
    fingerprint = f"{fingerprint_of(command)}-tracked"

    def attempt(transaction: Transaction) -> TrackedGeneration:
        request = load_request(context, transaction, caller, user_id, generation_id)
        request.authorize(Permission.TRACK_GENERATION)
        request.require_may_request(command.quota_request)
        user = request.user
        if request.record:
            if request.record.data["fingerprint"] != fingerprint:
                raise IdempotencyMismatch(generation_id)
            return TrackedGeneration(
                user, user.decide(command.quota_request), request.record.generation, replayed=True
            )
        expired = expire_if_full(transaction, user)
        decision = user.decide(command.quota_request, expired.account)
        reserved = reserve(
            expired.account, decision, generation_id, command.quota_request.type, user.now
        )
        settled = report(
            reserved.account,
            reserved.generation,
            Status.SUCCESS,
            len(outputs) or command.quota_request.count,
            user.now,
            user.policy,
        )
        quota = user.decide(command.quota_request, settled.account)
        content = {**content_of(command, fingerprint, user), "completedAt": user.now}
        if outputs:
            content |= {"outputs": [dict(each) for each in outputs], "imageUrl": outputs[0]["url"]}
        shown = add_to_feed(transaction, user, settled.generation, content)
        content |= shown.record
        create_generation_document(transaction, settled.generation, content, user.now)
        close_expired(transaction, user, expired)
        fields = {"lastGenerationAt": user.now, **shown.user}
        increments = (*expired.increments, *settled.increments)
        request.save(transaction, settled.account, quota, increments, fields)
        return TrackedGeneration(user, quota, settled.generation, replayed=False)

    return run_transaction(context.db, attempt, lock_key=user_id)
