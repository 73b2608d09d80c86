"""`make statistics`: the past counted from its records, with progress, and gone on with."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from google.cloud.firestore import DELETE_FIELD

from ops import statistics as ops_statistics
from tests.emulator.environment import Environment
from tests.emulator.statistics_days import JOB, recount, run_statistics, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud import firestore

    Ops = Callable[..., tuple[int, str, str]]

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
RANGE = ("--since", "2027-03-10", "--until", "2027-03-14")


@pytest.fixture
def env(db: firestore.Client) -> Environment:
    """Give a project with five generations, from before records said when they closed."""
    env = Environment(db, NOW)
    env.plan("free")
    for number in range(5):
        opened = env.generate(f"user{number % 2}")
        fields = dict.fromkeys(("closedAt", "closedAs", "previousAt"), DELETE_FIELD)
        env.db.document(f"userGenerations/{opened.generation.id}").update(fields)
        env.pass_time(days=1 + number // 3 if number < 4 else 0)
    env.travel(NOW + timedelta(days=6))
    return env


def counted(env: Environment) -> dict[str, int]:
    days = (date(2027, 3, day) for day in range(10, 17))
    return {f"{day:%d}": total for day in days if (total := stored(env, day).day.statistics.total)}


def test_the_past_is_counted_with_progress(ops: Ops, env: Environment) -> None:
    code, out, err = ops("statistics", *RANGE, "--dry-run")
    assert (code, err) == (0, "")
    assert out.endswith("statistics: 5 days, 4 generations due, 0 passed over\n")
    assert counted(env) == {}
    code, out, err = ops("statistics", *RANGE)
    assert (code, out.splitlines()[1:]) == (0, ["statistics: 5 days, 4 generations, 0 passed over"])
    assert err.startswith("statistics of 2027-03-10: 1 generations\n")
    assert counted(env) == {"10": 1, "11": 1, "12": 1, "13": 1}
    for day in (date(2027, 3, day) for day in range(10, 14)):
        assert stored(env, day).day.statistics.counts == recount(env)[day].statistics.counts
    assert ops("statistics", *RANGE)[0] == 0
    assert counted(env) == {"10": 1, "11": 1, "12": 1, "13": 1}


def test_gaps_come_from_the_records(ops: Ops, env: Environment) -> None:
    ops("statistics", "--since", "2027-03-10")
    gaps = [dict(stored(env, date(2027, 3, day)).day.statistics.gaps) for day in (10, 11, 12)]
    assert gaps == [{92: 1}, {92: 1}, {2: 1}]


def test_by_default_until_yesterday(ops: Ops, env: Environment) -> None:
    assert "6 days" in ops("statistics", "--since", "2027-03-10")[1]
    assert stored(env, date(2027, 3, 10)).is_final
    assert not stored(env, date(2027, 3, 15)).is_final


def test_what_was_cut_off_is_gone_on_with(ops: Ops, env: Environment) -> None:
    memory = {"first": "2027-03-10", "last": "2027-03-14", "next": "2027-03-12"}
    env.db.document("jobs/rebuild_statistics").set(memory)
    assert ops("statistics", *RANGE)[2].startswith("statistics of 2027-03-12: ")
    assert ops("statistics", *RANGE)[2].startswith("statistics of 2027-03-10: ")
    env.db.document("jobs/rebuild_statistics").set(memory)
    assert ops("statistics", "--since", "2027-03-11")[2].startswith("statistics of 2027-03-11: ")


def test_it_waits_for_the_scheduled_job(
    ops: Ops, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops_statistics, "WAIT_SECONDS", 0.05)
    run_statistics(env)
    job = env.db.document(JOB)
    job.update({"leaseUntil": datetime.now(UTC) + timedelta(hours=1)})
    timer = threading.Timer(0.5, lambda: job.update({"leaseUntil": None}))
    timer.start()
    _, out, _ = ops("statistics", *RANGE)
    timer.join()
    assert "the scheduled job is counting; waiting" in out
    assert out.endswith("statistics: 5 days, 4 generations, 0 passed over\n")


@pytest.mark.usefixtures("env")
def test_a_range_that_ends_before_it_begins_is_refused(ops: Ops) -> None:
    code, _, err = ops("statistics", "--since", "2027-03-10", "--until", "2027-03-09")
    assert (code, err) == (2, "statistics: 2027-03-10 comes after 2027-03-09\n")
