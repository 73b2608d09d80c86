"""Path and query parameters: texts, parsed as strictly as bodies."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.cursors import PATTERN
from genquota.messages.requests.values import Engine, Id, Note, Text, Type, UserId

MAX_PAGE_SIZE = 100
MOST_DAYS = 90
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
_INTEGER = re.compile(r"(-?[0-9]{1,18})(\.0+)?")
_FLAGS = {"true": True, "false": False}


def _integer(text: object) -> object:
    found = _INTEGER.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) if found else text


def _flag(text: object) -> object:
    return _FLAGS.get(text, text) if isinstance(text, str) else text


def parse_instant(text: object) -> datetime:
    """Parse a time as RFC 3339 writes it, with its offset.

    Raises:
        ValueError: It is none.
    """
    if isinstance(text, str) and _INSTANT.fullmatch(text):
        try:
            # A `+` that was not escaped in an address comes as a blank, and is refused.
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except OverflowError:  # by its offset, an hour before or after all of time
            return _EVER[not text.startswith("0001")]
        except ValueError:
            pass
    raise ValueError("not a time like 2027-03-15T09:00:00Z")


Number = BeforeValidator(_integer)
Flag = Annotated[bool, BeforeValidator(_flag)]
Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    Field(json_schema_extra={"type": "string", "format": "date-time"}),
]
Cursor = Annotated[str, Field(max_length=5000, pattern=PATTERN)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE), Number]
Status = Literal["pending", "processing", "success", "failed", "cancelled", "expired"]


class Nothing(Message):
    """No fields at all."""


class Paged(Message):
    """Which part of a list."""

    page_size: PageSize = 20
    cursor: Cursor | None = None


class DryRun(Message):
    """With `dryRun=true` nothing is written, and the answer says what would be."""

    dry_run: Flag = False


class DryRunNoted(DryRun):
    """Of a DELETE, which has no body to say why."""

    note: Note


class HideQuery(DryRun):
    """Whoever hides another user's generation says why."""

    note: Note | None = None


class UserPath(Message):
    user_id: UserId


class GenerationPath(Message):
    generation_id: Id


class GenerationsFilter(Message):
    """Which generations; `since` is included, `until` is not."""

    user_id: UserId | None = None
    status: Status | None = None
    type: Type | None = None
    since: Instant | None = None
    until: Instant | None = None


class GenerationsQuery(Paged, GenerationsFilter):
    pass


class StalledQuery(Paged):
    minutes: Annotated[int, Field(ge=0, le=60 * 24 * 365), Number] | None = None
    """Since the generation was created; by default, the usual length of a hold."""


class ExportQuery(GenerationsFilter):
    format: Literal["csv", "json"] = "csv"
    cursor: Cursor | None = None


class ExportUserQuery(Message):
    page_size: PageSize = MAX_PAGE_SIZE
    cursor: Annotated[Text, Field(min_length=1, max_length=4096)] | None = None


class SinceQuery(Message):
    since: Instant | None = None


class PlansQuery(Paged):
    users: Flag = False
    """Count the users of each plan, for admins."""


class AtQuery(Message):
    """For admins: as of which instant, from now on; None: now."""

    at: Instant | None = None


class CanGenerateQuery(AtQuery):
    type: Type = "image"
    engine: Engine | None = None
    quality: Literal["standard", "hd"] = "standard"
    count: Annotated[int, Field(ge=1, le=10), Number] = 1
