"""The statistics of a world: the job, what it has stored, and what the records come to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from genquota.domain.statistics.fold import Day, day_of, fold
from genquota.store.statistics.documents import StoredDay, read_days
from genquota.store.statistics.generation_facts import closed_generation
from genquota.use_cases.jobs import daily_statistics
from tests.emulator.world import AN_HOUR

if TYPE_CHECKING:
    from genquota.use_cases.jobs.statistics_run import StatisticsReport
    from tests.emulator.world import World

MARCH_15 = date(2027, 3, 15)
JOB = "jobs/daily_statistics"


def run_statistics(world: World, time_allowed: timedelta = AN_HOUR) -> StatisticsReport:
    return daily_statistics.daily_statistics(world.context, time_allowed)


def count_now(world: World) -> StatisticsReport:
    """Let what has closed become old enough to be counted, and count it."""
    world.pass_time(seconds=31)
    return run_statistics(world)


def stored(world: World, day: date = MARCH_15) -> StoredDay:
    return read_days(world.db, [day], "UTC")[day]


def document(world: World, day: date = MARCH_15) -> dict[str, Any]:
    return world.db.document(f"analyticsDaily/{day.isoformat()}").get().to_dict() or {}


def recount(world: World) -> dict[date, Day]:
    """Count all closed records anew, by reading them in the plainest way."""
    zone = ZoneInfo(world.policy.default_timezone)
    found = (
        closed_generation(each.id, each.to_dict() or {})
        for each in world.db.collection("userGenerations").stream()
        if (each.to_dict() or {})["generationStatus"] not in ("pending", "processing")
    )
    return fold(((each, 1) for each in found), zone)


def assert_counted_once(world: World) -> None:
    """See that what is stored is what the records come to, and nothing waits."""
    days = recount(world)
    for day in {day_of(world.now, ZoneInfo(world.policy.default_timezone)), *days}:
        found = stored(world, day).day
        assert found.statistics.total == (days[day].statistics.total if day in days else 0)
        if day in days:
            assert found == days[day]
    assert not list(world.db.collection("analyticsChanges").limit(1).stream())
