"""One line of JSON per event, as Cloud Logging reads it. No prompts, emails or tokens.

An exception is logged as its type and the lines it came through. Its message is left out unless it is
Firestore's or speaks of a setting, for it may repeat what a user sent.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import firebase_functions

from genquota.settings import BadSetting
from genquota.store.rpc import StoreError

_SDK = str(Path(firebase_functions.__file__).parent)
_log = logging.getLogger("genquota")


def configure() -> None:
    """Send Genquota's lines to standard output, and keep the SDK from logging what callers sent."""
    if _log.handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonFormatter())
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
    # The SDK logs on the root logger: values of unknown fields, and bytes of malformed tokens.
    logging.getLogger().addFilter(lambda record: not record.pathname.startswith(_SDK))


def log_request(
    verb: str, reason: str, seconds: float, request_id: str, status: str | None = None
) -> None:
    """Log that a request was answered, and where the generation stands that it was about."""
    facts = {"generationStatus": status} if status else {}
    _log_run("verb", verb, reason, seconds, request_id, facts)


def log_job(
    job: str, reason: str, seconds: float, request_id: str, facts: Mapping[str, Any]
) -> None:
    """Log that a run of a scheduled function has ended, and what it did."""
    _log_run("job", job, reason, seconds, request_id, facts)


def _log_run(
    kind: str, name: str, reason: str, seconds: float, id_: str, facts: Mapping[str, Any]
) -> None:
    line = {kind: name, "reason": reason, "ms": round(seconds * 1000, 1), "id": id_, **facts}
    level = logging.ERROR if reason == "internal" else logging.INFO
    if not _log.isEnabledFor(level):
        return
    # Without looking for the line of code that it comes from, which is always this one.
    record = _log.makeRecord(
        _log.name, level, __file__, 0, "%s %s", (name, reason), None, extra={"facts": line}
    )
    _log.handle(record)


def log_failure(error: BaseException, request_id: str) -> None:
    """Log what went wrong behind an answer that does not say it."""
    _log.error(
        "request failed: %s",
        type(error).__name__,
        exc_info=error,
        extra={"facts": {"id": request_id}},
    )


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {"severity": record.levelname, "message": record.getMessage()}
        entry |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1]:
            entry["exception"] = _describe(record.exc_info[1])
        return json.dumps(entry)


def _describe(error: BaseException) -> str:
    lines = traceback.format_tb(error.__traceback__)
    text = ""
    if isinstance(error, StoreError | BadSetting):
        text = f": {error.message if isinstance(error, StoreError) else error}"
    cause = f"\ncaused by {_describe(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__module__}.{type(error).__name__}{text}\n{''.join(lines)}{cause}"
