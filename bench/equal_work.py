"""Proof that a baseline sends Firestore what Genquota sends: the same writes, fields and bytes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.rpc_counter import COMMIT, QUERY, READ, listening, path_of_write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import Client

TOLERATED = 0.02
"""Share of the bytes that may differ: counts have one digit or three, ids another length."""


class UnequalWork(Exception):
    """The baseline is none: its author must bring it up to date."""


@dataclass
class Sent:
    """What went over the wire, ids left out."""

    reads: list[tuple[str, ...]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    writes: list[list[str]] = field(default_factory=list)
    """For each commit the field paths of each write."""
    commit_bytes: int = 0

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401 - as the listener's protocol has it
        if rpc == READ:
            self.reads.append(tuple(sorted(name.split("/")[-2] for name in request.documents)))
        elif rpc == QUERY:
            self.queries.append(str(request.structured_query))
        elif rpc == COMMIT:
            self.commit_bytes += request.ByteSize()
            self.writes.append(sorted(map(_shape, request.writes)))

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        """Answers do not matter here."""


def require_equal_work(
    db: Client,
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    between: Callable[[], object] = lambda: None,
    *,
    with_queries: bool = True,
) -> int:
    """Run both once and compare what they send.

    Args:
        db: The client that both use.
        what: Names the comparison.
        ours: Genquota's call.
        theirs: The baseline's.
        between: Is run between the two, unheard.
        with_queries: Whether the queries must be the same, too.

    Returns:
        The bytes of Genquota's commits.

    Raises:
        UnequalWork: They do not send the same.
    """
    sent: list[Sent] = []
    for call in (ours, theirs):
        heard = Sent()
        with listening(db, heard):
            call()
        sent.append(heard)
        between()
    our, their = sent
    for name, one, other in (
        ("reads", our.reads, their.reads),
        ("queries", our.queries * with_queries, their.queries * with_queries),
        ("writes", our.writes, their.writes),
    ):
        if one != other:
            raise UnequalWork(
                f"{what}, {name}:\n Genquota {_tally(one)}\n baseline {_tally(other)}"
            )
    if abs(our.commit_bytes - their.commit_bytes) > TOLERATED * our.commit_bytes:
        raise UnequalWork(f"{what}: {our.commit_bytes} bytes, baseline {their.commit_bytes}")
    return our.commit_bytes


def _tally(sent: Sequence[str | Sequence[str]]) -> dict[str, int]:
    """Return what was sent how often, instead of all of it."""
    return Counter(what for each in sent for what in ([each] if isinstance(each, str) else each))


def _shape(write: Any) -> str:  # noqa: ANN401 - protobuf's classes are made at run time
    """Write down which fields of a document are written how."""
    paths = sorted(write.update_mask.field_paths) or sorted(write.update.fields)
    transforms = (each.field_path for each in write.update_transforms)
    fields = re.sub(
        r"(holds|subscriptions)[.][\w`-]+", r"\1.*", " ".join([*paths, *sorted(transforms)])
    )
    return f"{path_of_write(write).split('/')[-2]}: {fields}"
