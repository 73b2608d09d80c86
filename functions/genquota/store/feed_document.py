"""`live_generations/{generationId}`: entries of the live feed, and the feed's state in user documents."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client

from genquota.domain.feed import FeedProfile, FeedStatus, Pseudonym
from genquota.domain.records import dataclass
from genquota.store.documents import Fields, Snapshot, document_data, to_utc_datetime
from genquota.store.query import fetch_all, generations_since, mapping_outages
from genquota.store.transaction import Transaction

_PAGE = 200
_TIMEOUT = 30.0
"""Seconds for one query."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What is shown of a generation."""

    generation_id: str
    appearance: FeedProfile
    type: str
    prompt: str
    engine: str | None
    preview_url: str | None
    status: FeedStatus
    created_at: datetime
    """When the generation was created; entries are in this order."""
    delete_at: datetime


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a user document says of the feed."""

    pseudonym: Pseudonym | None
    until: datetime | None
    """When the user's last entry ends; None: they have never had one."""
    times_left: int
    """How often they have left the feed: nothing that they began before is shown again."""


def feed_path(generation_id: str) -> str:
    return f"live_generations/{generation_id}"


def write_entry(transaction: Transaction, entry: FeedEntry, now: datetime) -> None:
    """Write the whole entry.

    Where somebody has removed the entry, an update would fail, and with it all that is committed beside
    it; a merge would bring it back in part.
    """
    shown_as = entry.appearance
    optional = {
        "userId": shown_as.user_id,
        "userPhotoURL": shown_as.photo_url,
        "engine": entry.engine,
        "previewUrl": entry.preview_url,
    }
    document = {
        "userName": shown_as.name,
        "type": entry.type,
        "prompt": entry.prompt,
        "status": entry.status.value,
        "timestamp": entry.created_at,
        "createdAt": entry.created_at,
        "updatedAt": now,
        "deleteAt": entry.delete_at,
        **{name: value for name, value in optional.items() if value is not None},
    }
    transaction.put(feed_path(entry.generation_id), document)


def remove_entry(transaction: Transaction, generation_id: str) -> None:
    """Delete an entry, if it is there."""
    transaction.delete(feed_path(generation_id))


def read_entries(transaction: Transaction, generation_ids: Iterable[str]) -> dict[str, Snapshot]:
    """Return the entries of generations that have one, by id, read in one call."""
    found = transaction.read([feed_path(each) for each in generation_ids])
    return {snapshot.id: snapshot for snapshot in found.values() if snapshot.exists}


def names_user(entry: Snapshot) -> bool:
    """Return whether an entry says whose generation it is."""
    return "userId" in document_data(entry)


def fail_entry(transaction: Transaction, seen: Snapshot, now: datetime) -> None:
    """Show that a generation has failed, if its entry is still as it was ``seen``."""
    fields = {"status": FeedStatus.FAILED.value, "updatedAt": now}
    transaction.update(feed_path(seen.id), fields, seen)


def read_feed_state(user: Fields) -> FeedState:
    quota = user.get("quota") or {}
    day, _, name = str(quota.get("alias") or "").partition("|")
    pseudonym = Pseudonym(day, name) if name else None
    until, times_left = quota.get("feedUntil"), quota.get("feedLeft")
    return FeedState(
        pseudonym,
        to_utc_datetime(until) if isinstance(until, datetime) else None,
        times_left if isinstance(times_left, int) else 0,
    )


def feed_state_to_fields(before: FeedState, after: FeedState) -> dict[str, Any]:
    """Return what changes in the user document."""
    fields: dict[str, Any] = {}
    if after.pseudonym and after.pseudonym != before.pseudonym:
        fields["quota.alias"] = f"{after.pseudonym.day}|{after.pseudonym.name}"
    if after.until != before.until:
        fields["quota.feedUntil"] = after.until
    if after.times_left != before.times_left:
        fields["quota.feedLeft"] = after.times_left
    return fields


def remove_entries_of(db: Client, uid: str, since: datetime) -> None:
    """Delete the entries of all generations that a user has created from ``since`` on.

    An entry need not name its user, so they are found by the user's records: one read for each.

    Raises:
        Unavailable: The store did not answer; what is left goes when this is called again.
    """
    query = generations_since(db, uid, since).select(["createdAt"]).limit(_PAGE)
    after: Snapshot | None = None
    while page := fetch_all(query.start_after(after) if after else query, _TIMEOUT):
        transaction = Transaction(db)
        for snapshot in page:
            remove_entry(transaction, snapshot.id)
        with mapping_outages():
            transaction.commit()
        after = page[-1]
