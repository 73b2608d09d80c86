"""What a command is, and what it is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genquota.domain.errors import GenquotaError, InvalidArgument, NotAllowed

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from genquota.use_cases.core.context import Context


class CommandError(Exception):
    """Something that only the operator can put right; the text says how."""


def why(refusal: GenquotaError) -> str:
    """Say to an operator why something is refused."""
    if isinstance(refusal, InvalidArgument):
        return "; ".join(f"{path}: {text}" if path else text for path, text in refusal.fields)
    if isinstance(refusal, NotAllowed) and refusal.why:
        return f"{refusal.reason}: {refusal.why}"
    return refusal.reason


@dataclass(frozen=True, slots=True)
class Session:
    """A run of a command: the project that it works on, and how."""

    context: Context
    project: str
    is_emulated: bool
    dry_run: bool

    def say(self, line: str) -> None:
        """Tell the operator something, at once, also where the output is a file."""
        print(line, flush=True)


def _no_options(_parser: ArgumentParser) -> None:
    """Take no options of its own."""


def _always(_arguments: Namespace) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """One verb of the command line."""

    name: str
    summary: str
    run: Callable[[Session, Namespace], int]
    """Does it, and returns the exit code: 0, or 1 if something was passed over."""
    add_options: Callable[[ArgumentParser], None] = _no_options
    writes: Callable[[Namespace], bool] = _always
    """Whether it changes anything, so told; then a real project asks for `--yes`."""
    needs_accounts: bool = False
    """Whether it speaks to Firebase Auth too."""
