"""The Firestore client, made once a process."""

import threading
from functools import cache

from google.cloud.firestore import Client

_lock = threading.Lock()


def client_of(project: str | None) -> Client:
    """Return the client of a project; its connection is opened with the first call."""
    with _lock:
        return _client(project)


@cache
def _client(project: str | None) -> Client:
    return Client(project=project)
