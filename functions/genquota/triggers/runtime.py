"""The runtime context of calls: client, clock, settings; and parsing of requests."""

from functools import partial
from typing import TYPE_CHECKING

from genquota import settings
from genquota.messages.requests.callable_requests import M, parse
from genquota.store.documents import Clock
from genquota.store.rpc import client_of
from genquota.store.transaction import Database
from genquota.use_cases.core.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genquota.use_cases.core.push_notices import UserNotices


def context(db: Database | None = None) -> Context:
    """Return what a call runs in, with the caller's own client if there is one.

    The connection is opened on the first call, never on import.
    """
    clock = Clock(travels=settings.clock_travels())
    client = db or client_of(settings.project_id())
    push = partial(_push, client) if settings.notices_are_pushed() else None
    return Context(client, clock, settings.policy(), push)


def parse_request(model: type[M], data: object) -> M:
    """Parse a request under the settings of this deployment.

    Raises:
        InvalidArgument: It is not what ``model`` says.
    """
    return parse(model, data, types=settings.policy().types, is_demo=settings.is_demo())


def _push(db: Database, outgoing: "Sequence[UserNotices]") -> None:
    from genquota.triggers.push.delivery import push  # noqa: PLC0415 - few calls have something to send

    push(db, outgoing)
