"""Read generations: one, lists, exports, and stalled ones."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.errors import GenerationNotFound
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data
from genquota.store.generation_document import current_status, generation_path
from genquota.store.listing import Listing, Position, position_of
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import target_user_id
from genquota.use_cases.reading.pages import iterate_listing, read_document_page

EXPORT_PAGE = 250
"""Documents in memory at a time."""

_OPEN = (Status.PENDING.value, Status.PROCESSING.value)
_HIDDEN_OR_NOT = (False, True)


@dataclass(frozen=True, slots=True)
class GenerationFilter:
    """Which generations; None: any. `since` is included, `until` is not."""

    user_id: str | None = None
    status: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A generation's record, its status as of now, and where it stands in the list that it came from."""

    id: str
    data: Mapping[str, Any]
    status: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A part of a list."""

    records: tuple[Record, ...]
    next: Position | None


def list_generations(
    context: Context,
    caller: Caller | None,
    wanted: GenerationFilter,
    limit: int,
    after: Position | None,
) -> RecordPage:
    """Return generations that are not hidden, newest first: one's own, or for admins anybody's.

    Raises:
        GenquotaError: The caller may not see them, or the store did not answer.
    """
    uid = target_user_id(caller, wanted.user_id)
    reader = authorize_read(context, caller, Permission.VIEW_GENERATIONS, uid)
    if reader.is_allowed(Permission.VIEW_ALL_GENERATIONS):
        uid = wanted.user_id
    listing = _listing(wanted, uid)
    part = read_document_page(context, listing, limit, after, _keeping(wanted.status, reader.now))
    records = (_record(each, reader.now) for each in part.snapshots)
    return RecordPage(tuple(records), part.next)


def export_generations(
    context: Context, caller: Caller | None, wanted: GenerationFilter, after: Position | None
) -> Iterator[Record]:
    """Yield the same as `list_generations` shows an admin, to the end, in bounded memory.

    Raises:
        GenquotaError: The caller is no admin, or the store did not answer.
    """
    now = authorize_read(context, caller, Permission.VIEW_ALL_GENERATIONS).now
    listing = _listing(wanted, wanted.user_id)
    found = iterate_listing(context, listing, EXPORT_PAGE, after, _keeping(wanted.status, now))
    return (_record(each, now, position_of(listing, each)) for each in found)


def get_generation(context: Context, caller: Caller | None, generation_id: str) -> Record:
    """Return a generation to its user, unless they have hidden it, and to admins.

    Raises:
        GenerationNotFound: There is none, or none that the caller may see.
        GenquotaError: The caller is barred, or the store did not answer.
    """
    path = generation_path(generation_id)
    reader = authorize_read(context, caller, Permission.LOOK_UP_GENERATION, paths=[path])
    record = _record(reader.found[path], reader.now)
    is_own = caller is not None and not caller.is_server and caller.uid == record.data.get("userId")
    is_visible = is_own and record.data.get("isDeleted") is not True
    if not record.data or not (is_visible or reader.is_allowed(Permission.VIEW_ALL_GENERATIONS)):
        raise GenerationNotFound
    return record


def list_stalled(
    context: Context,
    caller: Caller | None,
    older_than: timedelta | None,
    limit: int,
    after: Position | None,
) -> RecordPage:
    """Return generations that are still open in the record so long after their start, newest first.

    Args:
        context: The deployment.
        caller: An admin.
        older_than: Since the generation was created; None: the usual length of a hold.
        limit: Most of them.
        after: Where to go on.

    Raises:
        GenquotaError: The caller is no admin, or the store did not answer.
    """
    now = authorize_read(context, caller, Permission.VIEW_ALL_GENERATIONS).now
    part = read_document_page(context, stalled_listing(context, now, older_than), limit, after)
    return RecordPage(tuple(_record(each, now) for each in part.snapshots), part.next)


def stalled_listing(
    context: Context, now: datetime, older_than: timedelta | None = None
) -> Listing:
    """Return which generations those are that `list_stalled` lists."""
    return Listing(
        "userGenerations",
        {"isDeleted": _HIDDEN_OR_NOT, "generationStatus": _OPEN},
        by="createdAt",
        is_descending=True,
        until=now - (context.policy.hold if older_than is None else older_than),
    )


def _listing(wanted: GenerationFilter, uid: str | None) -> Listing:
    equal: dict[str, object] = {"isDeleted": False}
    if uid is not None:
        equal["userId"] = uid
    if wanted.type is not None:
        equal["type"] = wanted.type
    if wanted.status == Status.EXPIRED:
        # Those whose hold has ended are expired, whether or not the record says so yet.
        equal["generationStatus"] = (*_OPEN, Status.EXPIRED.value)
    elif wanted.status is not None:
        equal["generationStatus"] = wanted.status
    return Listing(
        "userGenerations",
        equal,
        by="createdAt",
        is_descending=True,
        since=wanted.since,
        until=wanted.until,
    )


def _keeping(status: str | None, now: datetime) -> Callable[[Snapshot], bool]:
    return lambda each: status is None or current_status(document_data(each), now) == status


def _record(snapshot: Snapshot, now: datetime, position: Position | None = None) -> Record:
    data = document_data(snapshot)
    return Record(snapshot.id, data, current_status(data, now), position)
