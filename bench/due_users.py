"""Users for whom a scheduled job is due, by the ten thousand, and what they look like when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.cloud.firestore_v1.base_query import FieldFilter

from bench.baseline import IMAGE, PROMPT
from bench.projects import context_of, put
from genquota.domain.enums import LIMIT_WINDOWS, Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import Clock
from genquota.store.jobs.due_users import Due
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client, Query

MADE_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """A scheduled job, and the instant at which it runs here."""

    name: str
    due: Due
    now: datetime


RESET = Job("reset_periods", Due.ROLL, datetime(2026, 4, 15, 12, tzinfo=UTC))
EXPIRE = Job("expire_generations", Due.EXPIRE, datetime(2026, 3, 2, 13, tzinfo=UTC))
JOBS = {job.name: job for job in (RESET, EXPIRE)}


def make_due_users(db: Client, job: Job, count: int) -> None:
    """Make users who each have one generation: settled last month, or open and past its end."""
    context = context_of(db, Clock(lambda: MADE_AT))
    content = {"promptId": "lighthouse", "promptText": PROMPT}
    opened = create_generation(
        context, None, "model", CreateCommand("key", QuotaRequest(), content, {})
    )
    model_id = opened.generation.id
    if job is RESET:
        report = ReportCommand(model_id, Status.SUCCESS, (IMAGE,))
        update_generation(context, None, "model", report)
    user_path, record_path = "users/model", f"userGenerations/{model_id}"
    user = db.document(user_path).get().to_dict() or {}
    record = db.document(record_path).get().to_dict() or {}
    for path in (user_path, record_path):
        db.document(path).delete()
    put(db, _copies(job, user, record, model_id, count))


def _copies(
    job: Job, user: dict[str, Any], record: dict[str, Any], model_id: str, count: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(count):
        uid, generation_id = f"user-{number:05}", f"g{number:024}"
        if job is RESET:
            yield f"users/{uid}", user
        else:
            holds = {generation_id: user["quota"]["holds"][model_id]}
            yield f"users/{uid}", user | {"quota": user["quota"] | {"holds": holds}}
            own = {"id": generation_id, "userId": uid}
            yield f"userGenerations/{generation_id}", record | own


def count_due(db: Client, job: Job) -> int:
    """Return for how many users the job is still due."""
    return _count(db.collection("users").where(filter=FieldFilter(job.due.value, "<=", job.now)))


LONGER = len(LIMIT_WINDOWS) - 1
"""Windows longer than a day, all of which end for these users."""


def wrongly_done(db: Client, job: Job, count: int) -> list[str]:
    """Return what contradicts that each of ``count`` users was done exactly once; nothing, if so."""
    users, days = db.collection("users"), db.collection("usageDaily")
    windows = db.collection_group("windows")
    if job is RESET:
        # What a window ended with is added up: whoever was reset twice would have 2.
        facts = {
            "users reset": (_count(_where(users, "currentPeriodCount", 0)), count),
            "days closed with 1": (_count(_where(days, "used", 1)), count),
            "days closed": (_count(days), count),
            "longer windows closed with 1": (_count(_where(windows, "used", 1)), LONGER * count),
            "longer windows closed": (_count(windows), LONGER * count),
            "notices of a new period": (_count(db.collection_group("notices")), count),
        }
    else:
        records = db.collection("userGenerations")
        facts = {
            "records expired": (_count(_where(records, "generationStatus", "expired")), count),
            "users with 1 failure": (_count(_where(users, "quota.failed", 1)), count),
            "users without a hold": (_count(_where(users, "quota.holds", {})), count),
        }
    facts["users still due"] = (count_due(db, job), 0)
    return [
        f"{name}: {found}, not {wanted}"
        for name, (found, wanted) in facts.items()
        if found != wanted
    ]


def _where(query: Any, field: str, value: object) -> Query:  # noqa: ANN401 - a collection or a group
    found: Query = query.where(filter=FieldFilter(field, "==", value))
    return found


def _count(query: Any) -> int:  # noqa: ANN401 - a collection, a group or a query
    return int(query.count().get(timeout=120)[0][0].value)
