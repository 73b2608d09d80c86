"""`userGenerations/{generationId}`: to and from the domain."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.quota.generation import Generation
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.statistics.changes import record_change
from genquota.store.transaction import Transaction
from genquota.store.user.quota_state import hold_from_text, hold_to_text

_CLOSING_FIELD = {Status.SUCCESS: "completedAt", Status.FAILED: "failedAt"}


@dataclass(frozen=True, slots=True)
class GenerationDocument:
    """A generation's record as it was read."""

    snapshot: Snapshot
    data: Mapping[str, Any]
    generation: Generation

    @property
    def output_count(self) -> int:
        """The number of outputs that a success counts: stated, listed, or requested if it was tracked."""
        outputs = self.data.get("outputCount") or len(self.data.get("outputs") or ())
        return int(outputs or self.data.get("count") or 0)


def generation_path(generation_id: str) -> str:
    return f"userGenerations/{generation_id}"


def read_generation(snapshot: Snapshot) -> GenerationDocument | None:
    """Parse a record. None if there is none, or one that is not Genquota's."""
    data = document_data(snapshot)
    if "hold" not in data:
        return None
    hold = hold_from_text(data["hold"])
    generation = Generation(
        id=snapshot.id,
        uid=data["userId"],
        status=Status(data["generationStatus"]),
        hold=hold,
        hold_length=timedelta(seconds=data["holdSeconds"]),
        created_at=to_utc_datetime(data["createdAt"]),
        charged=data["charged"],
        refunded=data["refunded"],
        late=data["late"],
        uncharged=data.get("credits", hold.allocation.credits) - hold.allocation.credits,
    )
    return GenerationDocument(snapshot, data, generation)


def create_generation_document(
    transaction: Transaction, generation: Generation, content: Mapping[str, Any], now: datetime
) -> None:
    """Write a new record: ``content`` is what was asked for."""
    facts = {
        "id": generation.id,
        "userId": generation.uid,
        "credits": generation.credits,
        "holdSeconds": int(generation.hold_length.total_seconds()),
        "createdAt": now,
        "isDeleted": False,
    }
    closing = {} if generation.status.is_open else _closing(generation.status, now)
    document = {"outputs": [], **content, **facts, **_status_fields(generation, now), **closing}
    transaction.create(generation_path(generation.id), document)


def update_generation_document(
    transaction: Transaction,
    seen: GenerationDocument,
    generation: Generation,
    content: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write where a generation stands now, and what its report brought.

    The precondition on the user document is not enough: a report that does not name the user reads
    the record first, and somebody else's report may come before it reads the user.
    """
    fields = {**content, **_status_fields(generation, now)}
    status = generation.status
    if status is Status.PROCESSING and "startedAt" not in seen.data:
        fields["startedAt"] = now
    if status in _CLOSING_FIELD:
        fields[_CLOSING_FIELD[status]] = now
    held = seen.generation.hold.allocation.windows
    if held != generation.hold.allocation.windows:
        fields["heldCredits"] = held
    if seen.generation.status.is_open and not status.is_open:
        fields |= _closing(status, now)
    elif generation.late and not seen.generation.late:
        fields |= record_change(transaction, seen.snapshot, fields, "late", now)
    transaction.update(generation_path(generation.id), fields, seen.snapshot)


def expire_generation_document(transaction: Transaction, generation_id: str, now: datetime) -> None:
    """Close the record of a hold that has ended; all that changes is known without reading it."""
    fields = {
        "generationStatus": Status.EXPIRED.value,
        "refunded": True,
        "updatedAt": now,
        **_closing(Status.EXPIRED, now),
    }
    transaction.update(generation_path(generation_id), fields)


def current_status(data: Mapping[str, Any], now: datetime) -> str:
    """Return the status of a record as of now, also of one that is not Genquota's."""
    status, end = data.get("generationStatus"), data.get("expiresAt")
    is_open = status in (Status.PENDING, Status.PROCESSING)
    if is_open and isinstance(end, datetime) and now >= end:
        return Status.EXPIRED.value
    return str(status or "")


def refund_generation_document(
    transaction: Transaction,
    seen: GenerationDocument,
    generation: Generation,
    refunded_from: Mapping[str, int],
    now: datetime,
) -> None:
    """Write that a generation was given back; it stays the success that it was.

    ``refunded_from`` says how many credits each window showed less afterwards.
    """
    fields: dict[str, Any] = {
        "charged": generation.charged,
        "refunded": generation.refunded,
        "refundedAt": now,
        "refundedFrom": dict(refunded_from),
        "updatedAt": now,
    }
    fields |= record_change(transaction, seen.snapshot, fields, "refund", now)
    transaction.update(generation_path(generation.id), fields, seen.snapshot)


def exclude_from_feed(transaction: Transaction, seen: GenerationDocument, now: datetime) -> None:
    """Write that a generation is never shown again, if its record is still as it was ``seen``."""
    fields = {"live": False, "updatedAt": now}
    transaction.update(generation_path(seen.generation.id), fields, seen.snapshot)


def existing_generations(transaction: Transaction, generation_ids: Iterable[str]) -> list[str]:
    """Return those of the ids that have a record."""
    found = transaction.read([generation_path(key) for key in generation_ids])
    return [snapshot.id for snapshot in found.values() if snapshot.exists]


def previous_generation(user: Mapping[str, Any]) -> dict[str, datetime]:
    """Return what the record of a new generation says of the user's one before, by their document."""
    at = user.get("lastGenerationAt")
    return {"previousAt": at} if isinstance(at, datetime) else {}


def _closing(status: Status, now: datetime) -> dict[str, Any]:
    """Return what `daily_statistics` finds a closed generation by. It is written once, and never changed."""
    return {"closedAt": now, "closedAs": status.value}


def _status_fields(generation: Generation, now: datetime) -> dict[str, Any]:
    return {
        "generationStatus": generation.status.value,
        "charged": generation.charged,
        "refunded": generation.refunded,
        "late": generation.late,
        "expiresAt": generation.hold.end,
        "hold": hold_to_text(generation.hold),
        "updatedAt": now,
    }
