"""Iterate over all documents of a user in one order, page by page, for exports."""

from collections.abc import Iterator

from google.cloud.firestore import Client, DocumentSnapshot, Query
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from genquota.domain.records import dataclass
from genquota.domain.texts import is_document_name
from genquota.store.documents import Snapshot
from genquota.store.query import fetch_all, mapping_outages
from genquota.store.rpc import RPC_RETRY
from genquota.store.user.user_document import user_path

SECTIONS = (
    "users",
    "userGenerations",
    "usageDaily",
    "subscriptions",
    "customers",
    "payments",
    "live_generations",
)
"""`users` is the user document and all below it; the others name the user in `userId`."""

_PAGE = 50
_TIMEOUT = 30.0
"""Seconds for one query."""


@dataclass(frozen=True, slots=True)
class ExportCursor:
    """The position of an export: behind a document of a section, or at the section's beginning."""

    section: str = SECTIONS[0]
    after: str | None = None
    """The path of the document."""

    def is_within(self, uid: str) -> bool:
        """Return whether there is such a place among the user's documents."""
        if self.section not in SECTIONS or self.after is None:
            return self.section in SECTIONS
        parts = self.after.split("/")
        if not all(map(is_document_name, parts)) or len(parts) % 2:
            return False
        if self.section == SECTIONS[0]:
            return self.after == user_path(uid) or self.after.startswith(f"{user_path(uid)}/")
        return [self.section, parts[-1]] == parts


def iterate_user_documents(
    db: Client, uid: str, place: ExportCursor
) -> Iterator[tuple[ExportCursor, Snapshot]]:
    """Yield a user's documents from ``place`` on, each with the cursor behind it.

    Raises:
        Unavailable: The store did not answer.
    """
    with mapping_outages():
        for section in SECTIONS[SECTIONS.index(place.section) :]:
            after = place.after if section == place.section else None
            for snapshot in _section(db, uid, section, after):
                yield ExportCursor(section, snapshot.reference.path), snapshot


def _section(db: Client, uid: str, section: str, after: str | None) -> Iterator[Snapshot]:
    if section != SECTIONS[0]:
        owned = db.collection(section).where(filter=FieldFilter("userId", "==", uid))
        yield from _stream(db, owned.order_by(FieldPath.document_id()), after)
        return
    user = db.document(user_path(uid))
    if after is None:
        snapshot = user.get(retry=RPC_RETRY, timeout=_TIMEOUT)
        if snapshot.exists:
            yield snapshot
    after = None if after == user.path else after
    reached = after.split("/")[2] if after else ""
    below = sorted(user.collections(retry=RPC_RETRY, timeout=_TIMEOUT), key=lambda each: each.id)
    for collection in below:
        if collection.id >= reached:
            begin = after if collection.id == reached else None
            yield from _stream(db, collection.recursive(), begin)


def _stream(db: Client, query: Query, after: str | None) -> Iterator[Snapshot]:
    # Of the last document only the name is needed, and only that is known.
    last = DocumentSnapshot(db.document(after), {}, True, None, None, None) if after else None  # noqa: FBT003
    while True:
        page_query = query.limit(_PAGE)
        if last is not None:
            page_query = page_query.start_after(last)
        page = fetch_all(page_query, _TIMEOUT)
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]
