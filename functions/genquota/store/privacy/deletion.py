"""Deletion of a user: a tombstone first, then all documents page by page.

`deletions/{uid}` stands from the tombstone's commit until nothing is left to delete, so that whoever
comes next goes on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud.firestore import DELETE_FIELD, Client, CollectionReference, Query
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from genquota.domain.enums import Window
from genquota.domain.quota.account import Counter
from genquota.store.documents import Snapshot
from genquota.store.query import count_results, fetch_all, mapping_outages
from genquota.store.rpc import RPC_RETRY
from genquota.store.statistics.erasure import (
    RECORD_FIELDS,
    anonymize_changes,
    anonymize_lists,
    commit_with_retry,
    record_deleted_generations,
)
from genquota.store.transaction import Transaction
from genquota.store.user.quota_state import windows_to_text
from genquota.store.user.user_document import UserDocument, user_path

PAGE = 200
_TIMEOUT = 30.0
"""Seconds for one query."""

_OWNED = (
    *("live_generations", "deviceTokens", "userGenerations"),
    "usageDaily",
)
"""Collections that name the user in `userId` and go with them; the feed first, for all can see it."""

_KEPT_OF_GRANTS = ("credits", "purchased", "createdAt", "expiresAt", "revokedAt", "takenBack")
"""The fields of a purchased grant that accounting must keep."""

_DELETIONS = "deletions"


def deletion_path(uid: str) -> str:
    return f"{_DELETIONS}/{uid}"


def write_tombstone(
    transaction: Transaction, seen: UserDocument, now: datetime, kept: Mapping[Window, Counter]
) -> None:
    """Replace the user document by a tombstone, and record that the deletion is pending.

    An app's own fields go too: they may say who it was. The counters of running windows stay, in case
    an operator lets the uid sign up again.
    """
    uid = seen.account.uid
    tombstone: dict[str, Any] = {"isDeleted": True, "deletedAt": now, "updatedAt": now}
    if kept:
        tombstone["quota"] = {"carried": windows_to_text(kept)}
    if seen.exists:
        gone = {str(FieldPath(name).to_api_repr()): DELETE_FIELD for name in seen.data}
        transaction.update(user_path(uid), {**gone, **tombstone}, seen.snapshot)
    else:
        transaction.create(user_path(uid), tombstone)
    transaction.add(deletion_path(uid), {"userId": uid, "requestedAt": now})


def lift_tombstone(transaction: Transaction, seen: UserDocument, now: datetime) -> None:
    """Lift a tombstone: the user's next call is a first call, with the counters that were kept."""
    fields = {"isDeleted": False, "deletedAt": None, "updatedAt": now}
    transaction.update(user_path(seen.account.uid), fields, seen.snapshot)


def is_being_deleted(transaction: Transaction, uid: str) -> bool:
    """Return whether the deletion of a user is pending."""
    path = deletion_path(uid)
    return bool(transaction.read([path])[path].exists)


def delete_user_documents(db: Client, uid: str, timezone: str) -> Iterator[tuple[str, int]]:
    """Delete the documents of a user with a tombstone. Yield the collection and the number after each commit.

    ``timezone`` is the deployment's, which days of statistics are of.

    Whoever stops in between and calls again goes on, for what is deleted is found no more. Each commit
    asks that the deletion is not finished: another process may have finished it, and the user may have
    signed up again since.

    Raises:
        Unavailable: The store did not answer.
    """
    with mapping_outages():
        try:
            yield from _delete_all(db, uid, timezone)
        except NotFound:
            if is_being_deleted(Transaction(db), uid):
                raise


def _delete_all(db: Client, uid: str, timezone: str) -> Iterator[tuple[str, int]]:
    for collection in _OWNED[:-1]:
        yield from _delete_owned(db, collection, uid, timezone)
    for number in anonymize_changes(db, uid, lambda: _guarded(db, uid)):
        yield "analyticsChanges", number
    for below in db.document(user_path(uid)).collections(retry=RPC_RETRY, timeout=_TIMEOUT):
        if below.id == "grants":
            yield from _strip_grants(db, uid)
            continue
        everything = below.recursive().select([FieldPath.document_id()]).limit(PAGE)
        while page := fetch_all(everything, _TIMEOUT):
            yield below.id, _delete(db, uid, page)
    yield from _delete_owned(db, _OWNED[-1], uid, timezone)
    yield from _strip_subscriptions(db, uid)
    for number in anonymize_lists(db, uid, lambda: _guarded(db, uid)):
        yield "analyticsDaily", number


def clear_pending_deletion(db: Client, uid: str) -> None:
    """Remove the mark of a pending deletion."""
    transaction = Transaction(db)
    transaction.delete(deletion_path(uid))
    transaction.commit()


def pending_deletions(db: Client, after: Snapshot | None) -> list[Snapshot]:
    """Return a page of users whose deletion is pending."""
    return _page_after(db.collection(_DELETIONS), after)


def count_user_documents(db: Client, uid: str) -> dict[str, int]:
    """Return how many documents a user has in the collections that grow with use, counted by the store."""
    owned = FieldFilter("userId", "==", uid)
    grown = ("userGenerations", "usageDaily")
    return {name: count_results(db.collection(name).where(filter=owned)) for name in grown}


def _delete_owned(
    db: Client, collection: str, uid: str, timezone: str
) -> Iterator[tuple[str, int]]:
    owned = db.collection(collection).where(filter=FieldFilter("userId", "==", uid))
    if collection == "userGenerations":
        query = owned.select(RECORD_FIELDS).limit(PAGE)
        while page := fetch_all(query, _TIMEOUT):
            yield collection, _delete_generations(db, uid, page, timezone)
        return
    query = owned.select([FieldPath.document_id()]).limit(PAGE)
    while page := fetch_all(query, _TIMEOUT):
        yield collection, _delete(db, uid, page)


def _delete_generations(db: Client, uid: str, page: list[Snapshot], timezone: str) -> int:
    def begin() -> Transaction:
        transaction = _guarded(db, uid)
        for each in page:
            transaction.delete(each.reference.path)
            # An anonymous entry of the feed does not name the user, but is called like their generation.
            transaction.delete(f"live_generations/{each.id}")
        record_deleted_generations(transaction, uid, page, timezone)
        return transaction

    commit_with_retry(begin)
    return len(page)


def _delete(db: Client, uid: str, page: list[Snapshot]) -> int:
    transaction = _guarded(db, uid)
    for each in page:
        transaction.delete(each.reference.path)
    transaction.commit()
    return len(page)


def _strip_grants(db: Client, uid: str) -> Iterator[tuple[str, int]]:
    """Reduce purchased grants to what accounting must keep, and delete the others."""
    grants = db.collection(f"{user_path(uid)}/grants")
    last = None
    while page := _page_after(grants, last):
        transaction = _guarded(db, uid)
        for each in page:
            data = each.to_dict() or {}
            if data.get("purchased") is not True:
                transaction.delete(each.reference.path)
            elif unneeded := data.keys() - set(_KEPT_OF_GRANTS):
                gone = {str(FieldPath(name).to_api_repr()): DELETE_FIELD for name in unneeded}
                transaction.update(each.reference.path, gone)
        yield "grants", _commit(transaction)
        last = page[-1]


def _strip_subscriptions(db: Client, uid: str) -> Iterator[tuple[str, int]]:
    """Keep subscriptions, without free text, for accounting and for late events."""
    owned = db.collection("subscriptions").where(filter=FieldFilter("userId", "==", uid))
    last = None
    while page := _page_after(owned, last):
        transaction = _guarded(db, uid)
        for each in page:
            if (each.to_dict() or {}).get("metadata"):
                transaction.update(each.reference.path, {"metadata": {}})
        yield "subscriptions", _commit(transaction)
        last = page[-1]


def _guarded(db: Client, uid: str) -> Transaction:
    """Begin a commit that passes only while the deletion is not finished."""
    transaction = Transaction(db)
    transaction.update(deletion_path(uid), {"userId": uid})
    return transaction


def _commit(transaction: Transaction) -> int:
    """Send the writes and return how many they were, but for the guard."""
    number = len(transaction.writes) - 1
    if number:
        transaction.commit()
    return number


def _page_after(found: CollectionReference | Query, last: Snapshot | None) -> list[Snapshot]:
    """Return a page of whole documents in the order of their names."""
    query = found.order_by(FieldPath.document_id()).limit(PAGE)
    if last is not None:
        query = query.start_after(last)
    return fetch_all(query, _TIMEOUT)
