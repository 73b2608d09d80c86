"""What a run of `daily_statistics` sends, written down so that the bare SDK can send the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.base_query import FieldFilter

from genquota.store.statistics.closed_generations import FIELDS
from genquota.use_cases.jobs import daily_statistics
from tests.rpc_counter import COMMIT, QUERY, READ, path_of_write

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.firestore import Client, DocumentSnapshot


@dataclass
class Script:
    """The RPCs of a run in their order, with the values of what is written. A listener of the channel."""

    steps: list[tuple[str, Any]] = field(default_factory=list)

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401 - as the listener's protocol has it
        if rpc == READ:
            paths = [name.partition("/documents/")[2] for name in request.documents]
            self.steps.append((READ, paths))
        elif rpc == QUERY:
            (source,) = request.structured_query.from_
            self.steps.append((QUERY, source.collection_id))
        elif rpc == COMMIT:
            writes = [(path_of_write(each), _values(each)) for each in request.writes]
            self.steps.append((COMMIT, writes))

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        """Answers are not written down."""


def play(db: Client, steps: list[tuple[str, Any]], closed_before: datetime) -> int:
    """Send the steps one after the other with the bare SDK. Return how many records were read."""
    records, last = 0, None
    for what, facts in steps:
        if what == READ:
            list(db.get_all([db.document(path) for path in facts]))
        elif what == COMMIT:
            batch = db.batch()
            for path, data in facts:
                batch.set(db.document(path), data)
            batch.commit()
        elif facts == "userGenerations":
            page = _page(db, closed_before, last)
            records += len(page)
            last = page[-1] if page else last
        else:
            list(db.collection(facts).order_by("__name__").limit(200).stream())
    return records


def _page(
    db: Client, closed_before: datetime, last: DocumentSnapshot[Any] | None
) -> list[DocumentSnapshot[Any]]:
    query = (
        db.collection("userGenerations")
        .where(filter=FieldFilter("closedAt", "<", closed_before))
        .order_by("closedAt")
        .order_by("__name__")
        .select(list(FIELDS))
        .limit(daily_statistics.PAGE)
    )
    return list((query.start_after(last) if last else query).stream())


def _values(write: Any) -> dict[str, Any]:  # noqa: ANN401
    fields: Any = write.update.fields
    values: Any = _helpers.decode_dict(fields, None)
    return dict(values)
