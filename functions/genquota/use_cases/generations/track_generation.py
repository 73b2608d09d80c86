"""Track a generation made elsewhere: reserve and settle it in one commit, or refuse."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.permissions import Permission
from genquota.domain.quota.generation import GenerationOutcome, report
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import UserState
from genquota.use_cases.generations.create_generation import (
    CreateCommand,
    CreatedGeneration,
    create_once,
    fingerprint_of,
)


def track_generation(
    context: Context,
    caller: Caller | None,
    user_id: str,
    command: CreateCommand,
    outputs: tuple[Mapping[str, Any], ...] = (),
) -> CreatedGeneration:
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
        IdempotencyMismatch: The key was used for another request, or to open a generation.
        GenquotaError: The caller may not do this, or the store did not answer.
    """

    def settle(
        user: UserState, reserved: GenerationOutcome
    ) -> tuple[GenerationOutcome, dict[str, Any]]:
        count = len(outputs) or command.quota_request.count
        settled = report(
            *(reserved.account, reserved.generation, Status.SUCCESS, count, user.now, user.policy)
        )
        results: dict[str, Any] = {"completedAt": user.now}
        if outputs:
            results |= {"outputs": [dict(each) for each in outputs], "imageUrl": outputs[0]["url"]}
        return settled, results

    return create_once(
        context,
        caller,
        user_id,
        command,
        f"{fingerprint_of(command)}-tracked",
        permission=Permission.TRACK_GENERATION,
        settle=settle,
    )
