"""Read a generation's hold."""

from datetime import datetime

from genquota.domain.errors import GenerationNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.generation import Generation
from genquota.domain.records import dataclass
from genquota.store.documents import to_utc_datetime
from genquota.store.generation_document import generation_path, read_generation
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context


@dataclass(frozen=True, slots=True)
class HoldDetails:
    """A generation with its hold, as it stands in the record."""

    generation: Generation
    closed_at: datetime | None
    now: datetime


def get_hold(context: Context, caller: Caller | None, generation_id: str) -> HoldDetails:
    """Return what a generation holds or held, to an admin.

    Raises:
        GenerationNotFound: There is none, or the record is not Genquota's own.
        GenquotaError: The caller is no admin, or the store did not answer.
    """
    path = generation_path(generation_id)
    reader = authorize_read(context, caller, Permission.VIEW_USERS, paths=[path])
    record = read_generation(reader.found[path])
    if record is None:
        raise GenerationNotFound
    closed_at = record.data.get("closedAt")
    closed = to_utc_datetime(closed_at) if isinstance(closed_at, datetime) else None
    return HoldDetails(record.generation, closed, reader.now)
