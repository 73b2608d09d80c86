"""The statistics of an environment: the job, what it has stored, and what the records come to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from genquota.domain.statistics.aggregation import DayTotals, aggregate_by_day, day_of
from genquota.store.statistics.documents import StoredDay, read_days
from genquota.store.statistics.generation_facts import closed_generation
from genquota.use_cases.jobs import daily_statistics
from tests.emulator.environment import AN_HOUR

if TYPE_CHECKING:
    from genquota.use_cases.jobs.statistics_run import StatisticsReport
    from tests.emulator.environment import Environment

MARCH_15 = date(2027, 3, 15)
JOB = "jobs/daily_statistics"


def run_statistics(env: Environment, time_allowed: timedelta = AN_HOUR) -> StatisticsReport:
    return daily_statistics.daily_statistics(env.context, time_allowed)


def count_now(env: Environment) -> StatisticsReport:
    """Let what has closed become old enough to be counted, and count it."""
    env.pass_time(seconds=31)
    return run_statistics(env)


def stored(env: Environment, day: date = MARCH_15) -> StoredDay:
    return read_days(env.db, [day], "UTC")[day]


def document(env: Environment, day: date = MARCH_15) -> dict[str, Any]:
    return env.db.document(f"analyticsDaily/{day.isoformat()}").get().to_dict() or {}


def recount(env: Environment) -> dict[date, DayTotals]:
    """Count all closed records anew, by reading them in the plainest way."""
    zone = ZoneInfo(env.policy.default_timezone)
    found = (
        closed_generation(each.id, each.to_dict() or {})
        for each in env.db.collection("userGenerations").stream()
        if (each.to_dict() or {})["generationStatus"] not in ("pending", "processing")
    )
    return aggregate_by_day(((each, 1) for each in found), zone)


def assert_counted_once(env: Environment) -> None:
    """See that what is stored is what the records come to, and nothing waits."""
    days = recount(env)
    for day in {day_of(env.now, ZoneInfo(env.policy.default_timezone)), *days}:
        found = stored(env, day).day
        assert found.statistics.total == (days[day].statistics.total if day in days else 0)
        if day in days:
            assert found == days[day]
    assert not list(env.db.collection("analyticsChanges").limit(1).stream())
