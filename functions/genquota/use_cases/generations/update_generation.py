"""Apply a report on a generation: settle, release, or extend its hold."""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.errors import InvalidArgument, NotAllowed, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.quota.generation import Generation, report
from genquota.domain.records import dataclass
from genquota.store.generation_document import GenerationDocument, update_generation_document
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import update_feed
from genquota.use_cases.core.request_context import RequestContext, load_request
from genquota.use_cases.core.user_state import UserState

MAX_METADATA_BYTES = 32_768
"""Of a record, after reports of `processing`, which may come without end; each is bounded by itself."""


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """What the engine did."""

    generation_id: str
    status: Status
    outputs: tuple[Mapping[str, Any], ...] = ()
    image_url: str | None = None
    error_message: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    output_count: int | None = None
    """The final number of outputs of a success; missing ones are not charged."""


@dataclass(frozen=True, slots=True)
class ReportedGeneration:
    """Where the generation stands, and what the user has left for another of its type."""

    user: UserState
    quota: Decision
    generation: Generation


def update_generation(
    context: Context, caller: Caller | None, user_id: str | None, command: ReportCommand
) -> ReportedGeneration:
    """Apply a report. Repeating the final one changes nothing and answers as before.

    Raises:
        GenerationNotFound: There is none, or it is another user's.
        GenerationClosed: It has ended otherwise.
        InvalidArgument: `output_count` is more than the number requested.
        UserNotFound, AccountDeleted: The user no longer exists; nothing is recorded.
        NotAllowed: With `REPORTS=service`, an owner reports a result.
        GenquotaError: The caller may not do this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> ReportedGeneration:
        request = load_request(context, transaction, caller, user_id, command.generation_id)
        record, state = request.own_record, request.user
        if not state.seen.exists:
            raise UserNotFound  # deleted meanwhile, and not to be made again by a late report
        _require_trusted_report(request, record.generation, command.status)
        outcome = report(
            state.account,
            record.generation,
            command.status,
            command.output_count or len(_outputs(command)),
            state.now,
            state.policy,
            _asked_count(record, command),
        )
        quota = state.decide(_quota_request_of(record), outcome.account)
        if outcome.generation is not record.generation:  # else it repeats what is recorded
            content = _content(record, command)
            update_generation_document(transaction, record, outcome.generation, content, state.now)
            update_feed(transaction, state, record, outcome.generation, content)
            request.save(transaction, outcome.account, quota, outcome.increments)
        return ReportedGeneration(state, quota, outcome.generation)

    # A service reports for many users, so only the record tells whose turn it is.
    return run_transaction(context.db, attempt, lock_key=user_id)


def _require_trusted_report(
    request: RequestContext, generation: Generation, status: Status
) -> None:
    """Believe owners as far as the policy does; services and server code always."""
    if request.user.policy.owners_report_results or request.is_allowed(Permission.REPORT_RESULT):
        return
    # What has ended otherwise is refused as such, and repeating a cancellation is harmless.
    in_time = generation.status_at(request.user.now)
    cancels = status is Status.CANCELLED and in_time is not Status.PROCESSING
    if status is not Status.PROCESSING and not cancels:
        raise NotAllowed


def _quota_request_of(record: GenerationDocument) -> QuotaRequest:
    data = record.data
    return QuotaRequest(data["type"], data.get("engine"), data["quality"], data["count"])


def _asked_count(record: GenerationDocument, command: ReportCommand) -> int | None:
    """Return the number of outputs requested if the report states the final number, else None.

    Raises:
        InvalidArgument: The final number is greater.
    """
    if command.status is not Status.SUCCESS or command.output_count is None:
        return None
    asked = int(record.data["count"])
    if command.output_count > asked:
        raise InvalidArgument((("outputCount", f"more than the {asked} that were asked for"),))
    return asked


def _outputs(command: ReportCommand) -> list[dict[str, Any]]:
    if command.status is not Status.SUCCESS:
        return []
    return [dict(output) for output in command.outputs] or [{"url": command.image_url}]


def _content(record: GenerationDocument, command: ReportCommand) -> dict[str, Any]:
    """Return what the report adds to the record.

    Raises:
        InvalidArgument: The metadata of all reports together is too large.
    """
    content: dict[str, Any] = {}
    if command.status is Status.SUCCESS:
        outputs = _outputs(command)
        content |= {"outputs": outputs, "imageUrl": command.image_url or outputs[0]["url"]}
        if command.output_count is not None:
            content["outputCount"] = command.output_count
    if command.error_message is not None:
        content["errorMessage"] = command.error_message
    if command.metadata:
        metadata = {**record.data["metadata"], **command.metadata}
        size = len(json.dumps(metadata, ensure_ascii=False, default=str).encode())
        if command.status is Status.PROCESSING and size > MAX_METADATA_BYTES:
            message = f"with what was reported before, more than {MAX_METADATA_BYTES} bytes"
            raise InvalidArgument((("metadata", message),))
        content["metadata"] = metadata
    return content
