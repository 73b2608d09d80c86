"""What calls run in: the database client, made once a process, and the settings."""

import threading
from functools import cache, partial
from typing import TYPE_CHECKING

from google.cloud.firestore import Client

from genquota import settings
from genquota.messages.requests import M, parse
from genquota.store.clock import Clock
from genquota.use_cases.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genquota.use_cases.own.push_notices import Outgoing

_lock = threading.Lock()


def context(db: Client | None = None) -> Context:
    """Return what a call runs in, with the caller's own client if there is one.

    The connection is opened on the first call, never on import.
    """
    clock = Clock(travels=settings.clock_travels())
    client = db or _database()
    push = partial(_push, client) if settings.notices_are_pushed() else None
    return Context(client, clock, settings.policy(), push)


def understand(model: type[M], data: object) -> M:
    """Understand a request in the words of this deployment.

    Raises:
        InvalidArgument: It is not what ``model`` says.
    """
    return parse(model, data, types=settings.policy().types, is_demo=settings.is_demo())


def _push(db: Client, outgoing: "Sequence[Outgoing]") -> None:
    from genquota.triggers.push import push  # noqa: PLC0415 - few calls have something to send

    push(db, outgoing)


def _database() -> Client:
    with _lock:
        return _client(settings.project_id())


@cache
def _client(project: str | None) -> Client:
    return Client(project=project)
