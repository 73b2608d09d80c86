"""The audit context of a change: who makes it and why."""

from dataclasses import dataclass

from genquota.domain.errors import InvalidArgument
from genquota.use_cases.core.context import Caller

_COMMAND_LINE = "command-line"

MAX_NOTE = 1000
"""Characters."""


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: The note says nothing, or too much.
    """

    note: str
    dry_run: bool = False

    def __post_init__(self) -> None:
        if not self.note.strip() or len(self.note) > MAX_NOTE:
            raise InvalidArgument((("note", f"say why, in 1 to {MAX_NOTE} characters"),))


def actor_of(operator: Caller | None) -> str:
    """Return who does it, as the audit log names them; without a signed-in admin it is the command line."""
    return operator.uid if operator else _COMMAND_LINE
