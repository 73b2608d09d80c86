"""Days of statistics as `daily_statistics` would have stored them, and what is told of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from genquota.domain.enums import Status
from genquota.domain.statistics.aggregation import aggregate_by_day
from genquota.domain.statistics.top_lists import LIST_NAMES
from genquota.store.statistics.documents import (
    day_path,
    day_to_document,
    list_path,
    list_to_document,
)
from genquota.use_cases.core.context import Caller
from genquota.use_cases.reading.analytics import analytics
from tests.emulator.statistics_days import JOB
from tests.unit.closed_generations import ZONE, closed

if TYPE_CHECKING:
    from collections.abc import Collection

    from genquota.domain.statistics.analytics import Analytics
    from genquota.domain.statistics.ranges import DateRange
    from tests.emulator.environment import Environment


def shown(
    env: Environment,
    wanted: DateRange | int = 7,
    by: str | None = None,
    lists: Collection[str] = LIST_NAMES,
) -> Analytics:
    caller = Caller(by) if by else None
    return analytics(env.context, caller, wanted, lists)


def fill_days(env: Environment, days: int, users: int = 6) -> None:
    """Store so many days up to today, each with a success and a failure of each user, and all lists."""
    for number in range(days):
        at = env.now - timedelta(days=number)
        made = []
        for user in range(users):
            facts = {"uid": f"u{user}", "created_at": at}
            yesterday = at - timedelta(days=1)
            failure = {"status": Status.FAILED, "charged": 0, "error": "no"}
            made += [
                closed("s", **facts, previous_at=yesterday, duration_ms=3000, model="m1"),
                closed("f", **facts, previous_at=at, **failure),
            ]
        ((day, folded),) = aggregate_by_day([(each, 1) for each in made], ZONE).items()
        lists = {"lists": list(folded.lists), "isFinal": number > 1}
        env.db.document(day_path(day)).set({**day_to_document(folded.statistics), **lists})
        for name, found in folded.lists.items():
            env.db.document(list_path(day, name)).set(list_to_document(found))
    env.db.document(JOB).set({"updatedAt": env.now, "cursorId": None})
