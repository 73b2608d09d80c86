"""`expire_generations` and `reset_periods`: whom they find, page by page, and whom they leave alone."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.store.documents import Clock
from genquota.use_cases.core.context import Context
from genquota.use_cases.jobs import sweep
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.rpc_faults import overtaking
from tests.limit_windows import last_end_on
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from tests.emulator.environment import Environment

NOTHING: dict[str, Any] = {}
NEXT_MONTH = START + timedelta(days=20)


@pytest.fixture
def pages_of_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "PAGE", 3)


def users(env: Environment, count: int) -> list[str]:
    """Let users have one success each."""
    names = [f"user{n:02}" for n in range(count)]
    for uid in names:
        env.generate(uid)
    return names


def holders(env: Environment, count: int) -> dict[str, CreatedGeneration]:
    """Let users have one open generation each."""
    return {uid: env.create(uid) for uid in (f"user{n:02}" for n in range(count))}


@pytest.mark.usefixtures("pages_of_3")
@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_reset_goes_through_all_pages_and_resets_everyone_once(
    env: Environment, count: int
) -> None:
    """E4, E2: all are due at the same instant, so it is by name that the next page begins."""
    names = users(env, count)
    env.now = NEXT_MONTH
    assert env.reset_periods() == sweep.SweepReport(users=count, failed=0, finished=True)
    for uid in names:
        user = env.user(uid)
        assert user["currentPeriodCount"] == 0
        assert user["lastResetDate"] == datetime.fromisoformat("2027-04-01T00:00:00Z")
        assert user["nextResetDate"] == datetime.fromisoformat("2027-05-01T00:00:00Z")
        assert {each["used"] for each in user["usage"]["windows"]} == {0}
        assert [each["used"] for each in env.closed("period", uid)] == [1]
        assert_counters_match_records(env.db, uid)
    assert env.reset_periods() == sweep.SweepReport(users=0, failed=0, finished=True)
    assert [each["used"] for each in env.closed("period", names[0])] == [1]


@pytest.mark.usefixtures("pages_of_3")
def test_an_expiry_goes_through_all_pages_and_gives_back_once(env: Environment) -> None:
    """E4, B11"""
    opened = holders(env, 7)
    env.pass_time(hours=1)
    assert env.expire_generations().users == 7
    assert env.expire_generations().users == 0
    for uid, generation in opened.items():
        record = env.record(generation)
        assert (record["generationStatus"], record["refunded"]) == ("expired", True)
        assert record["updatedAt"] == env.now
        assert_counters_match_records(env.db, uid)


def test_more_users_than_one_commit_takes_are_done_in_one_page(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    monkeypatch.setattr(sweep, "MOST_WRITES", 10)
    names = users(env, 6)
    env.now = NEXT_MONTH
    with counting(env.db) as calls:
        assert env.reset_periods().users == 6
    assert calls.commits == 3
    for uid in names:
        assert_counters_match_records(env.db, uid)


@pytest.mark.usefixtures("pages_of_3")
def test_a_run_whose_time_is_up_stops_after_its_page_and_the_next_one_goes_on(
    env: Environment,
) -> None:
    """E4, C6"""
    users(env, 8)

    def slow_clock() -> datetime:
        time.sleep(0.2)
        return NEXT_MONTH

    context = Context(env.db, Clock(now=slow_clock), env.policy)
    first = sweep.reset_periods(context, timedelta(seconds=0.1))
    assert first == sweep.SweepReport(users=3, failed=0, finished=False)
    env.now = NEXT_MONTH
    assert env.reset_periods() == sweep.SweepReport(users=5, failed=0, finished=True)


def test_a_run_without_time_does_nothing_and_says_so(env: Environment) -> None:
    """E4"""
    users(env, 1)
    env.now = NEXT_MONTH
    with counting(env.db) as calls:
        assert env.reset_periods(timedelta(0)).finished is False
    assert calls == Calls()


@pytest.mark.usefixtures("without_lock_stripes", "pages_of_3")
def test_two_runs_at_once_reset_everyone_once(env: Environment, other: Environment) -> None:
    """C5"""
    names = users(env, 8)
    for instance in (env, other):
        instance.now = NEXT_MONTH
    results = race([env.reset_periods, other.reset_periods, env.expire_generations])
    assert outcomes(results) == {"ok": 3}
    assert [each.failed for each in results] == [0, 0, 0]
    for uid in names:
        assert [each["used"] for each in env.closed("period", uid)] == [1]
        assert_counters_match_records(env.db, uid)


CORRUPT: dict[str, Any] = {
    "windows that are no JSON": {"quota.windows": "gone"},
    "windows that are a list": {"quota.windows": "[]"},
    "windows that are a map": {"quota.windows": {"period": {"used": 1}}},
    "windows in another age": {"quota.windows": '{"day": {"start": 1e30, "end": 1e30}}'},
    "holds that are a list": {"quota.holds": ["g1"]},
    "a hold that is a number": {"quota.holds": {"g1": 5}},
    "a hold that lacks its parts": {"quota.holds": {"g1": "{}"}},
    "a grant that is none": {"quota.grants": {"g": None}},
    "a grant of text": {"quota.grants": {"g": {"credits": "5", "used": "1"}}},
    "an override without a date": {"quota.overrides": {"o": {"planId": "plus"}}},
    "a paid period that is text": {"quota.paidFrom": "April"},
}


@pytest.mark.parametrize("damage", CORRUPT.values(), ids=CORRUPT)
def test_a_user_who_cannot_be_understood_is_logged_and_passed_over_and_others_are_done(
    env: Environment, damage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """E4, B12: one bad record must not keep everyone behind it from their reset."""
    names = users(env, 3)
    opened = {uid: env.create(uid) for uid in names}
    env.db.document("users/user01").update(damage)
    broken = env.user("user01")
    env.now = NEXT_MONTH
    assert env.reset_periods() == sweep.SweepReport(users=2, failed=1, finished=True)
    assert "user01 was passed over" in caplog.text
    assert "user00" not in caplog.text
    for uid in ("user00", "user02"):
        assert env.record(opened[uid])["generationStatus"] == "expired"
        assert_counters_match_records(env.db, uid)
    assert env.user("user01") == broken
    assert env.record(opened["user01"])["generationStatus"] == "pending", "nothing half done"
    assert env.day("2027-03-15", "user01") == NOTHING
    assert env.expire_generations() == sweep.SweepReport(users=0, failed=1, finished=True)


@pytest.mark.usefixtures("pages_of_3")
def test_a_page_full_of_users_who_cannot_be_understood_does_not_hide_the_next(
    env: Environment,
) -> None:
    """E4: the cursor passes over them."""
    names = users(env, 7)
    for uid in names[:4]:
        env.db.document(f"users/{uid}").update({"quota.windows": "gone"})
    env.now = NEXT_MONTH
    assert env.reset_periods() == sweep.SweepReport(users=3, failed=4, finished=True)


@pytest.mark.parametrize("plan_id", ["__x__", "..", "a/b", "x" * 1501])
def test_a_plan_id_that_can_name_no_document_stops_no_job(env: Environment, plan_id: str) -> None:
    """E4: typed into the console."""
    users(env, 2)
    env.edit("user00", planId=plan_id)
    env.now = NEXT_MONTH
    assert env.reset_periods() == sweep.SweepReport(users=2, failed=0, finished=True)


def test_a_record_that_was_removed_by_hand_does_not_keep_its_user_stuck(
    env: Environment,
) -> None:
    """B11, B12"""
    opened = holders(env, 3)
    env.db.document(f"userGenerations/{opened['user01'].generation.id}").delete()
    env.pass_time(hours=1)
    assert env.expire_generations() == sweep.SweepReport(users=3, failed=0, finished=True)
    for uid in opened:
        assert not env.user(uid)["quota"].get("holds")
    assert not env.record(opened["user01"]), "and the record is not made again"
    assert env.expire_generations().users == 0


def test_users_whose_counters_are_zero_are_neither_read_nor_written(env: Environment) -> None:
    """C10: idle users by the ten thousand cost nothing."""
    for n in range(5):
        env.check(f"idle{n}")
    released = env.create("released")
    env.now = last_end_on("2027-03-15") + timedelta(days=3)
    env.expire_generations()
    env.reset_periods()
    env.report(env.create("due"), "success", "due")
    env.now += timedelta(days=40)
    with counting(env.db) as calls:
        assert env.reset_periods().users == 1
    assert (calls.queries, calls.query_results) == (1, 1)
    written = [path for path in calls.written_paths if path.startswith("users/")]
    assert sorted(path.partition("_")[0] for path in written) == [
        "users/due",
        "users/due/notices/period",
        "users/due/windows/month",
        "users/due/windows/period",
        "users/due/windows/week",
    ]
    env.now += timedelta(days=400)
    assert env.reset_periods().users == 1, "windows of more than a month"
    with counting(env.db) as calls:
        assert env.reset_periods().users == 0
    assert calls == Calls(queries=1)
    assert row(env.check("released")) == (10, 0, 0)
    assert env.record(released)["generationStatus"] == "expired"


def test_jobs_make_no_document_of_users_who_are_gone(env: Environment, other: Environment) -> None:
    """E12"""
    users(env, 2)
    opened = holders(env, 2)
    env.db.document("users/user00").delete()
    env.now = NEXT_MONTH
    assert env.reset_periods().users == 1
    # One more goes while the job is at work: after its query, before its commit.
    env.generate("user01")
    env.pass_time(days=40)
    with overtaking(env.db, other.db.document("users/user01").delete):
        report = env.reset_periods()
    assert (report.users, report.failed) == (1, 0)
    for uid in ("user00", "user01"):
        assert env.user(uid) == NOTHING
    assert env.day("2027-03-15", "user00") == NOTHING
    assert env.closed("period", "user00") == []
    assert env.record(opened["user00"])["generationStatus"] == "pending"


def test_a_dry_run_counts_who_is_due_and_writes_nothing(env: Environment) -> None:
    users(env, 3)
    holders(env, 2)
    env.now = NEXT_MONTH
    for job in (sweep.reset_periods, sweep.expire_generations):
        with counting(env.db) as calls:
            report = job(env.context, timedelta(hours=1), dry_run=True)
        assert calls == Calls(others={"RunAggregationQuery": 1})
        assert report == sweep.SweepReport(
            users=3 if job is sweep.reset_periods else 2, finished=True
        )
