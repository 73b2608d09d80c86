"""What was logged while a test ran."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import io


@dataclass(frozen=True, slots=True)
class CapturedLogs:
    """Genquota's lines, and those of the libraries."""

    own: io.StringIO
    others: io.StringIO

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.own.getvalue().splitlines()]

    @property
    def text(self) -> str:
        return self.own.getvalue() + self.others.getvalue()
