"""What calls run in: the database client, made once a process, and the settings."""

import threading
from functools import cache

from google.cloud.firestore import Client

from genquota import settings
from genquota.messages.requests import M, parse
from genquota.store.clock import Clock
from genquota.triggers.push import pushing
from genquota.use_cases.context import Context

_lock = threading.Lock()


def context(db: Client | None = None) -> Context:
    """Return what a call runs in, with the caller's own client if there is one.

    The connection is opened on the first call, never on import.
    """
    clock = Clock(travels=settings.clock_travels())
    client = db or _database()
    return Context(client, clock, settings.policy(), pushing(client))


def understand(model: type[M], data: object) -> M:
    """Understand a request in the words of this deployment.

    Raises:
        InvalidArgument: It is not what ``model`` says.
    """
    return parse(model, data, types=settings.policy().types, is_demo=settings.is_demo())


def _database() -> Client:
    with _lock:
        return _client(settings.project_id())


@cache
def _client(project: str | None) -> Client:
    return Client(project=project)
