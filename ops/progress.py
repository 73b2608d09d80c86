"""The jobs' own log lines as the progress of a command."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info and record.exc_info[1]
        return record.getMessage() + (f": {type(error).__name__}" if error else "")


@contextmanager
def shown_progress() -> Iterator[None]:
    """Show what use-cases log, on standard error, for the length of a `with` block."""
    log, handler = logging.getLogger("genquota"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
