"""Report how a generation went: settle it, give it back, or keep its hold alive."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genquota.domain.errors import InvalidArgument, NotAllowed, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Ask, Decision
from genquota.domain.quota.generation import Generation, report
from genquota.domain.words import Status
from genquota.store.generation_document import GenerationDocument, update_generation_document
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import Case, open_case
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import show_end
from genquota.use_cases.core.user_state import Present

MAX_METADATA_BYTES = 32_768
"""Of a record, after reports of `processing`, which may come without end; each is bounded by itself."""


@dataclass(frozen=True, slots=True)
class Report:
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
class Reported:
    """Where the generation stands, and what the user has left for another of its type."""

    holder: Present
    quota: Decision
    generation: Generation


def update_generation(
    context: Context, caller: Caller | None, user_id: str | None, news: Report
) -> Reported:
    """Apply a report. Repeating the final one changes nothing and answers as before.

    Raises:
        GenerationNotFound: There is none, or it is another user's.
        GenerationClosed: It has ended otherwise.
        InvalidArgument: `output_count` is more than the number requested.
        UserNotFound, AccountDeleted: The holder is gone; nothing is recorded of them any more.
        NotAllowed: With `REPORTS=service`, an owner reports a result.
        GenquotaError: The caller may not do this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> Reported:
        case = open_case(context, transaction, caller, user_id, news.generation_id)
        record, present = case.own_record, case.holder
        if not present.seen.exists:
            raise UserNotFound  # deleted meanwhile, and not to be made again by a late report
        _require_trusted(case, record.generation, news.status)
        outcome = report(
            present.account,
            record.generation,
            news.status,
            news.output_count or len(_outputs(news)),
            present.now,
            present.policy,
            _asked_count(record, news),
        )
        quota = present.decide(_ask_like(record), outcome.account)
        if outcome.generation is not record.generation:  # else it repeats what is recorded
            content = _content(record, news)
            update_generation_document(
                transaction, record, outcome.generation, content, present.now
            )
            show_end(transaction, present, record, outcome.generation, content)
            case.save(transaction, outcome.account, quota, outcome.additions)
        return Reported(present, quota, outcome.generation)

    # A service reports for many users, so only the record tells whose turn it is.
    return run_transaction(context.db, attempt, lane=user_id)


def _require_trusted(case: Case, generation: Generation, status: Status) -> None:
    """Believe owners as far as the policy does; services and server code always."""
    if case.holder.policy.owners_report_results or case.is_allowed(Permission.REPORT_RESULT):
        return
    # What has ended otherwise is refused as such, and repeating a cancellation is harmless.
    in_time = generation.status_at(case.holder.now)
    cancels = status is Status.CANCELLED and in_time is not Status.PROCESSING
    if status is not Status.PROCESSING and not cancels:
        raise NotAllowed


def _ask_like(record: GenerationDocument) -> Ask:
    data = record.data
    return Ask(data["type"], data.get("engine"), data["quality"], data["count"])


def _asked_count(record: GenerationDocument, news: Report) -> int | None:
    """Return the number of outputs requested if the report states the final number, else None.

    Raises:
        InvalidArgument: The final number is greater.
    """
    if news.status is not Status.SUCCESS or news.output_count is None:
        return None
    asked = int(record.data["count"])
    if news.output_count > asked:
        raise InvalidArgument((("outputCount", f"more than the {asked} that were asked for"),))
    return asked


def _outputs(news: Report) -> list[dict[str, Any]]:
    if news.status is not Status.SUCCESS:
        return []
    return [dict(output) for output in news.outputs] or [{"url": news.image_url}]


def _content(record: GenerationDocument, news: Report) -> dict[str, Any]:
    """Return what the report adds to the record.

    Raises:
        InvalidArgument: The metadata of all reports together is too large.
    """
    content: dict[str, Any] = {}
    if news.status is Status.SUCCESS:
        outputs = _outputs(news)
        content |= {"outputs": outputs, "imageUrl": news.image_url or outputs[0]["url"]}
        if news.output_count is not None:
            content["outputCount"] = news.output_count
    if news.error_message is not None:
        content["errorMessage"] = news.error_message
    if news.metadata:
        metadata = {**record.data["metadata"], **news.metadata}
        size = len(json.dumps(metadata, ensure_ascii=False, default=str).encode())
        if news.status is Status.PROCESSING and size > MAX_METADATA_BYTES:
            message = f"with what was reported before, more than {MAX_METADATA_BYTES} bytes"
            raise InvalidArgument((("metadata", message),))
        content["metadata"] = metadata
    return content
