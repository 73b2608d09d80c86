"""Records of generations that an app kept before it had Genquota, in the app's own words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.documents import document_data, to_utc_datetime
from genquota.store.query import fetch_pages
from ops.importing.old_generations import OldGeneration

_PAGE = 500


@dataclass(frozen=True, slots=True)
class OldRecords:
    """Where the app's records are, and what their fields are called."""

    collection: str = "userGenerations"
    user_field: str = "userId"
    created_field: str = "createdAt"
    status_field: str = "generationStatus"
    success_values: frozenset[str] = frozenset({"success", "succeeded", "completed"})
    open_values: frozenset[str] = frozenset({"pending", "processing", "queued", "running"})
    """What has not ended counts for nothing; every other status is a failure."""
    type_field: str = "type"
    credits_field: str | None = None
    """None: each costs one credit."""


def old_generations(db: Client, records: OldRecords, uid: str) -> Iterator[OldGeneration]:
    """Yield a user's old generations that have ended, reading page by page.

    Genquota's own records, which may stand in the same collection, are left out.
    """
    kept = db.collection(records.collection)
    query = kept.where(filter=FieldFilter(records.user_field, "==", uid))
    for page in fetch_pages(query, _PAGE):
        for snapshot in page:
            data = document_data(snapshot)
            status = data.get(records.status_field)
            if "hold" not in data and status not in records.open_values:
                yield _parse(data, records, is_success=status in records.success_values)


def _parse(data: Mapping[str, Any], records: OldRecords, *, is_success: bool) -> OldGeneration:
    type_, outputs = data.get(records.type_field), data.get("outputs")
    credits = data.get(records.credits_field) if records.credits_field else 1
    return OldGeneration(
        is_success,
        _instant(data.get(records.created_field)),
        type_ if isinstance(type_, str) and type_ else "image",
        int(credits or 0),
        len(outputs) if isinstance(outputs, list) and outputs else 1,
    )


def _instant(value: object) -> datetime | None:
    """Parse a timestamp, a text in ISO 8601, or milliseconds since 1970."""
    if isinstance(value, datetime):
        return to_utc_datetime(value)
    if isinstance(value, str):
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) else None
