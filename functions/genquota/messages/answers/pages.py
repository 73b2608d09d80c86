"""Pages of lists."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from genquota.messages.answers.callable_answers import Answer

A = TypeVar("A", bound=Answer)


class Page(Answer, Generic[A]):
    """A part of a list, and where the next one begins; null: this was the last."""

    items: Sequence[A]
    cursor: str | None
