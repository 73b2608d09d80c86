"""Genquota's own function, which says in a header how often the store was read for a request."""

import threading
from typing import Any

from google.cloud.firestore import Client

import main

_here = threading.local()
_get_all = Client.get_all


def _counted(db: Client, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the SDK's types
    _here.attempts = getattr(_here, "attempts", 0) + 1
    return _get_all(db, *arguments, **options)


Client.get_all = _counted  # type: ignore[assignment,method-assign] # each attempt reads once


def create_generation(request: Any) -> Any:  # noqa: ANN401 - Flask's
    """Answer as the deployed function does."""
    _here.attempts = 0
    response: Any = main.create_generation(request)
    response.headers["X-Attempts"] = str(_here.attempts)
    return response
