"""Remove the made-up users and all that is theirs, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.firestore import FieldFilter

from genquota.store.query import count_results
from genquota.store.user.user_document import user_path
from ops.seeding.personas import MADE_BY, MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client, DocumentReference

    from ops.seeding.personas import Person

OWNED = ("userGenerations", "usageDaily", "subscriptions", "customers", "webhookEvents")
"""Where documents name their user in `userId`."""

PAGE = 300


def remove(db: Client, person: Person, *, dry_run: bool) -> int | None:
    """Remove somebody; return how many documents they had, or None if they are not of our making.

    The user document goes last, so a run that was cut off is gone on with by the next.
    """
    user = db.document(user_path(person.uid))
    if (user.get().to_dict() or {}).get(MARK) != MADE_BY:
        return None
    count = 0
    for collection in OWNED:
        owned = db.collection(collection).where(filter=FieldFilter("userId", "==", person.uid))
        if dry_run:
            count += count_results(owned)
            continue
        while page := [each.reference for each in owned.limit(PAGE).stream()]:
            count += _delete(db, page)
    below = list(_below(user))
    count += len(below) + 1
    if not dry_run:
        for start in range(0, len(below), PAGE):
            _delete(db, below[start : start + PAGE])
        user.delete()
    return count


def _below(document: DocumentReference) -> Iterator[DocumentReference]:
    for collection in document.collections():
        for each in collection.list_documents():
            yield from _below(each)
            yield each


def _delete(db: Client, page: list[DocumentReference]) -> int:
    batch = db.batch()
    for reference in page:
        batch.delete(reference)
    batch.commit()
    return len(page)
