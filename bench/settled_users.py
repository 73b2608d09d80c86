"""Users with generations that have succeeded, by the hundred thousand, and counters that agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.baseline import IMAGE, PROMPT
from bench.projects import context_of, put
from genquota.domain.enums import Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import Clock
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation
from genquota.use_cases.jobs.sweep import reset_periods

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.cloud.firestore import Client

    Documents = Iterator[tuple[str, dict[str, Any]]]

MADE_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOSED_AT = datetime(2026, 4, 15, 12, tzinfo=UTC)
"""All windows of that day have ended by then."""


def make_settled_users(
    db: Client, uids: Iterable[str], each: int, *, are_closed: bool = False
) -> None:
    """Make users with some settled generations each; neighbours in time are of different users.

    Args:
        db: An empty project.
        uids: Who.
        each: Generations of one user.
        are_closed: Whether the windows have ended since, and are kept in documents of their own.
    """
    model = _Model(db, each, are_closed=are_closed)
    put(db, model.copies(list(uids)))


class _Model:
    """One such user as Genquota made them; afterwards the project is empty again."""

    def __init__(self, db: Client, each: int, *, are_closed: bool) -> None:
        context = context_of(db, Clock(lambda: MADE_AT))
        content = {"promptId": "lighthouse", "promptText": PROMPT}
        for number in range(each):
            order = CreateCommand(f"key-{number}", QuotaRequest(), content, {})
            generation_id = create_generation(context, None, "model", order).generation.id
            report = ReportCommand(generation_id, Status.SUCCESS, (IMAGE,))
            update_generation(context, None, "model", report)
        if are_closed:
            reset_periods(context_of(db, Clock(lambda: CLOSED_AT)), timedelta(minutes=1))
        self._records = _taken(db.collection("userGenerations"))
        self._days = _taken(db.collection("usageDaily"))
        self._windows = _taken(db.collection("users/model/windows"))
        _taken(db.collection("users/model/notices"))
        self._user = db.document("users/model").get().to_dict() or {}
        db.document("users/model").delete()

    def copies(self, uids: list[str]) -> Documents:
        for uid in uids:
            yield f"users/{uid}", self._user
            for name, data in self._days.items():
                yield f"usageDaily/{name.replace('model', uid)}", {**data, "userId": uid}
            for name, data in self._windows.items():
                yield f"users/{uid}/windows/{name}", {**data, "userId": uid}
        for number, record in enumerate(self._records.values()):
            for index, uid in enumerate(uids):
                place = number * len(uids) + index
                own = {"id": f"g{place:024}", "userId": uid}
                at = MADE_AT + timedelta(milliseconds=place)
                yield f"userGenerations/{own['id']}", {**record, **own, "createdAt": at}


def _taken(collection: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - the SDK's types
    """Return the documents of a collection, and delete them."""
    found = {snapshot.id: snapshot.to_dict() for snapshot in collection.stream()}
    for name in found:
        collection.document(name).delete()
    return found
