"""Lenient reading of stored documents: missing or mistyped fields are left out.

Operators and apps may have written into documents by hand, and records may be older than Genquota.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Stored:
    """The fields of a document."""

    data: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        value = self.data.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        value = self.data.get(name)
        if isinstance(value, float) and value.is_integer():
            return int(value)  # the console stores 10 as a double when it was typed so
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def time(self, name: str) -> datetime | None:
        value = self.data.get(name)
        return value if isinstance(value, datetime) else None

    def flag(self, name: str) -> bool:
        return self.data.get(name) is True

    def map(self, name: str) -> dict[str, Any] | None:
        value = self.data.get(name)
        return dict(value) if isinstance(value, Mapping) else None

    def list(self, name: str, kind: type) -> list[Any] | None:
        value = self.data.get(name)
        return (
            [each for each in value if isinstance(each, kind)] if isinstance(value, list) else None
        )
