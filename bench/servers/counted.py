"""Genquota's own function, which says in a header how many attempts a request took."""

import threading
from typing import Any

import main
from genquota.store.transaction import Transaction

_here = threading.local()
_read = Transaction.read


def _counted(transaction: Transaction, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as it is called
    _here.attempts = getattr(_here, "attempts", 0) + 1
    return _read(transaction, *arguments, **options)


Transaction.read = _counted  # type: ignore[assignment,method-assign] # each attempt asks once


def create_generation(request: Any) -> Any:  # noqa: ANN401 - Flask's
    """Answer as the deployed function does."""
    _here.attempts = 0
    response: Any = vars(main)["create_generation"](request)
    response.headers["X-Attempts"] = str(_here.attempts)
    return response
