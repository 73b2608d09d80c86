"""The function `api` as it is deployed; it also tells how many documents it has read in all."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from typing import Any

from flask import Response

import main
from genquota.triggers.runtime import context
from tests.rpc_counter import Calls, counting

COUNT = "RunAggregationQuery"
"""A count costs one read for each thousand documents; the tests have fewer."""

_lock = threading.Lock()
_whole_life = ExitStack()
_counted: list[Calls] = []


def api(request: Any) -> Any:  # noqa: ANN401 - Flask's
    """Answer a request, or say what the ones so far have read."""
    if request.path == "/reads":
        return Response(json.dumps(_reads()), mimetype="application/json")
    with _lock:
        if not _counted:
            _counted.append(_whole_life.enter_context(counting(context().db)))
    return vars(main)["api"](request)


def _reads() -> int:
    return sum(calls.billed_reads + calls.others.get(COUNT, 0) for calls in _counted)
