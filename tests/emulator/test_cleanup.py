"""`cleanup`: what it deletes, what it leaves, and that lifetime counts lose nothing by it."""

from __future__ import annotations

from datetime import timedelta
from itertools import count as count_up
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from genquota.use_cases.core.context import Caller
from genquota.use_cases.jobs import cleanup
from genquota.use_cases.jobs.cleanup import CleanupReport, complete_since_cleanup
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import START
from tests.emulator.instance import DIED, Job, run
from tests.emulator.rpc_faults import overtaking
from tests.rpc_counter import QUERY, Calls, counting, listening

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

NOTHING: dict[str, Any] = {}
RETENTION = timedelta(days=90)
LATER = START + timedelta(days=91)


@pytest.fixture
def pages_of_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "PAGE", 3)


@pytest.fixture
def unlimited(env: Environment) -> None:
    env.plan(limits={"period": -1})


def lifetime(env: Environment, uid: str = "ada") -> tuple[int, int, int]:
    user = env.user(uid)
    return user["generatedCount"], user["quota"].get("failed", 0), user["outputCount"]


def base(env: Environment, uid: str = "ada") -> dict[str, int]:
    return dict(env.user(uid)["quota"].get("base", {}))


def count(env: Environment) -> int:
    return len(list(env.db.collection("userGenerations").stream()))


def test_what_is_past_retention_goes_and_its_lifetime_counts_move_into_the_base(
    env: Environment,
) -> None:
    opened = [env.create() for _ in range(4)]
    env.report(opened[0], "success", outputs=3)
    env.report(opened[1], "failed")
    env.report(opened[2], "cancelled")
    env.pass_time(hours=1)
    env.expire_generations()
    env.pass_time(days=60)
    young = env.generate()
    env.now = LATER
    before, stats = lifetime(env), env.usage()[0].account
    assert before == (2, 3, 4)
    assert env.cleanup() == CleanupReport(generations=4, failed=0, finished=True)
    assert [record["id"] for record in env.records()] == [young.generation.id]
    assert base(env) == {"success": 1, "failed": 3, "outputs": 3}
    assert lifetime(env) == before
    after = env.usage()[0].account
    assert (after.success, after.failed) == (stats.success, stats.failed)
    assert_closed_windows_are_kept(env)
    env.pass_time(days=60)
    assert env.cleanup().generations == 1
    assert base(env) == {"success": 2, "failed": 3, "outputs": 4}
    assert_books_of_lifetime(env)


def assert_closed_windows_are_kept(env: Environment) -> None:
    assert env.day("2027-03-15")["used"] == 1
    assert [each["used"] for each in env.closed("period")][:1] == [1]


def assert_books_of_lifetime(env: Environment, uid: str = "ada") -> None:
    """Assert that the base and what records there are add up to the lifetime counts."""
    records, gone = (
        env.records(uid),
        {"success": 0, "failed": 0, "outputs": 0, **base(env, uid)},
    )
    done = [record for record in records if record["generationStatus"] == "success"]
    back = [record for record in records if record["refunded"]]
    outputs = sum(len(record["outputs"]) for record in done)
    counted = (len(done) + gone["success"], len(back) + gone["failed"], outputs + gone["outputs"])
    assert counted == lifetime(env, uid)


def test_the_edge_of_retention_is_exact_and_moves_with_the_setting(env: Environment) -> None:
    env.generate()
    env.now = START + RETENTION
    assert env.cleanup().generations == 0
    env.pass_time(seconds=1)
    assert env.cleanup().generations == 1
    env.generate()
    env.pass_time(days=31)
    assert env.cleanup().generations == 0
    env.set_policy(retention=timedelta(days=30))
    assert env.cleanup().generations == 1


@pytest.mark.usefixtures("pages_of_3", "unlimited")
@pytest.mark.parametrize("count_", [2, 3, 7])
def test_it_goes_through_all_pages_and_users(env: Environment, count_: int) -> None:
    """E4"""
    for n in range(count_):
        env.generate(f"user{n % 3}")
        env.pass_time(seconds=1)
    hidden = env.generate("user0")
    env.hide(hidden, "user0")
    env.now = LATER
    assert env.cleanup() == CleanupReport(generations=count_ + 1, finished=True)
    assert env.cleanup() == CleanupReport(generations=0, finished=True)
    assert count(env) == 0
    for n in range(min(3, count_)):
        assert_books_of_lifetime(env, f"user{n}")


@pytest.mark.usefixtures("pages_of_3", "unlimited")
def test_a_run_whose_time_is_up_is_gone_on_with_and_never_scans_what_it_deleted(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4: newest first, so a query that began anew would pass over the traces of all it deleted."""
    for _ in range(8):
        env.generate()
        env.pass_time(seconds=1)
    env.now = LATER
    seen, ticks = _Cursors(), count_up()
    with listening(env.db, seen):
        monkeypatch.setattr(cleanup, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        first = env.cleanup(timedelta(seconds=2.5))
        assert first == CleanupReport(generations=6, finished=False)
        assert env.cleanup() == CleanupReport(generations=2, finished=True)
    assert seen.anew == 2 + 2, "once for those that are seen, once for the hidden ones; deletions"
    assert base(env) == {"success": 8, "outputs": 8}


@pytest.mark.usefixtures("pages_of_3", "unlimited")
def test_what_a_run_has_left_over_is_kept_if_retention_is_raised_meanwhile(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        env.generate()
        env.pass_time(seconds=1)
    env.now = LATER
    ticks = count_up()
    monkeypatch.setattr(cleanup, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    assert env.cleanup(timedelta(seconds=2.5)) == CleanupReport(generations=6, finished=False)
    env.set_policy(retention=timedelta(days=120))
    assert env.cleanup() == CleanupReport(finished=True)
    assert count(env) == 2
    env.pass_time(days=30)
    assert env.cleanup() == CleanupReport(generations=2, finished=True)
    assert base(env) == {"success": 8, "outputs": 8}


class _Cursors:
    """Counts the queries that begin without a cursor."""

    anew = 0

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401
        if rpc == QUERY and not request.structured_query.start_at.values:
            self.anew += 1

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        """Hear nothing."""


def test_an_open_generation_stays_however_old_and_goes_when_it_is_closed(
    env: Environment,
) -> None:
    opened = env.create()
    env.generate()
    env.now = LATER
    assert env.cleanup() == CleanupReport(generations=1, finished=True)
    assert env.record(opened)["generationStatus"] == "pending"
    env.pass_time(days=7)
    env.expire_generations()
    assert env.cleanup() == CleanupReport(generations=1, finished=True)
    assert base(env) == {"success": 1, "failed": 1, "outputs": 1}


CORRUPT: dict[str, Any] = {
    "a status that is none": {"generationStatus": "lost"},
    "a hold that is none": {"hold": "gibberish"},
    "outputs that are a number": {"outputs": 5},
    "a user who can have no name": {"userId": "a/b"},
    "a user that is a number": {"userId": 5},
}


@pytest.mark.parametrize("damage", CORRUPT.values(), ids=CORRUPT)
def test_a_record_that_cannot_be_understood_is_logged_and_passed_over_until_it_is_mended(
    env: Environment, damage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """E4"""
    bad, good = env.generate(), env.generate()
    path = f"userGenerations/{bad.generation.id}"
    whole = env.record(bad)
    env.db.document(path).update(damage)
    env.now = LATER
    assert env.cleanup() == CleanupReport(generations=1, failed=1, finished=True)
    assert f"generation {bad.generation.id} was passed over" in caplog.text
    assert (bool(env.record(bad)), bool(env.record(good))) == (True, False)
    env.db.document(path).set(whole)
    assert env.cleanup() == CleanupReport(generations=1, failed=0, finished=True)
    assert base(env) == {"success": 2, "outputs": 2}


def test_records_that_are_the_apps_own_are_left_alone(env: Environment) -> None:
    theirs = {"userId": "ada", "isDeleted": False, "createdAt": START, "prompt": "a fox"}
    env.db.document("userGenerations/old").set(theirs)
    env.now = LATER
    assert env.cleanup() == CleanupReport(generations=0, finished=True)
    assert env.record("old") == theirs


def test_users_who_are_gone_are_not_brought_back(env: Environment) -> None:
    """E12"""
    for uid in ("gone", "deleted"):
        env.generate(uid)
    env.db.document("users/gone").delete()
    tombstone = {"isDeleted": True, "deletedAt": START}
    env.db.document("users/deleted").set(tombstone)
    env.now = LATER
    assert env.cleanup() == CleanupReport(generations=2, finished=True)
    assert env.user("gone") == NOTHING
    assert env.user("deleted") == tombstone


@pytest.mark.usefixtures("unlimited")
def test_two_runs_at_once_count_nothing_twice(env: Environment, other: Environment) -> None:
    names = [f"user{n}" for n in range(4)]
    for uid in names * 3:
        env.generate(uid)
    env.now = other.now = LATER
    results = race([env.cleanup, other.cleanup, env.cleanup])
    assert outcomes(results) == {"ok": 3}
    assert sum(each.generations for each in results) == 12
    assert count(env) == 0
    for uid in names:
        assert base(env, uid) == {"success": 3, "outputs": 3}


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize(
    "dies",
    [
        Job("cleanup", die_before_commit=2),
        Job("cleanup", die_after_commit=2),
        Job("cleanup", die_after_commit=4),
    ],
    ids=["before the first page", "after the first page", "after the second page"],
)
def test_a_run_that_is_killed_is_gone_on_with_and_counts_nothing_twice(
    env: Environment, project: str, dies: Job
) -> None:
    """E4, B12"""
    for n in range(8):
        env.generate(f"user{n % 2}")
    env.now = LATER
    job = Job("cleanup", page=3, now=LATER.isoformat(), die_before_commit=dies.die_before_commit)
    job = Job(**{**vars(job), "die_after_commit": dies.die_after_commit})
    assert run(project, job) == [DIED]
    left = count(env)
    assert env.cleanup() == CleanupReport(generations=left, finished=True)
    for uid in ("user0", "user1"):
        assert base(env, uid) == {"success": 4, "outputs": 4}
        assert_books_of_lifetime(env, uid)


def test_a_late_success_that_comes_between_is_counted_as_what_it_became(
    env: Environment, other: Environment
) -> None:
    opened = env.create()
    env.pass_time(hours=1)
    env.expire_generations()
    env.now = other.now = LATER

    # The first commit notes from when on records may be missing, the second deletes.
    with overtaking(env.db, lambda: other.report(opened, "success"), skip=1):
        report = env.cleanup()
    assert report == CleanupReport(generations=1, finished=True)
    assert base(env) == {"success": 1, "outputs": 1}
    assert lifetime(env) == (1, 0, 1)
    assert env.day("2027-03-15")["used"] == 1


def test_a_user_who_calls_meanwhile_is_done_all_the_same(
    env: Environment, other: Environment
) -> None:
    env.generate()
    env.now = other.now = LATER
    with overtaking(env.db, other.generate, skip=1):
        assert env.cleanup() == CleanupReport(generations=1, finished=True)
    assert base(env) == {"success": 1, "outputs": 1}
    assert_books_of_lifetime(env)


def test_a_dry_run_counts_and_writes_nothing(env: Environment) -> None:
    env.generate()
    env.hide(env.generate())
    env.now = LATER
    with counting(env.db) as calls:
        report = cleanup.cleanup(env.context, timedelta(hours=1), dry_run=True)
    assert report == CleanupReport(generations=2, finished=True)
    counted = {"RunAggregationQuery": 2}
    assert calls == Calls(read_rpcs=1, documents_read=1, queries=1, others=counted)
    assert count(env) == 2


def test_it_says_from_when_on_no_record_is_missing_before_it_deletes_one(
    env: Environment,
) -> None:
    assert complete_since_cleanup(env.db) is None
    env.generate()
    env.now = LATER
    env.cleanup()
    assert complete_since_cleanup(env.db) == LATER - RETENTION
    env.set_policy(retention=timedelta(days=400))
    env.pass_time(days=1)
    env.cleanup()
    assert complete_since_cleanup(env.db) == LATER - RETENTION, "what is gone stays gone"


@pytest.mark.usefixtures("unlimited")
def test_a_page_costs_one_query_one_read_of_its_users_and_two_commits(
    env: Environment,
) -> None:
    for n in range(20):
        env.generate(f"user{n % 4}")
    env.now = LATER
    with counting(env.db) as calls:
        assert env.cleanup().generations == 20
    found = (calls.queries, calls.query_results)
    assert found == (3, 20), "deletions that are not finished, the seen records, the hidden ones"
    assert (calls.read_rpcs, calls.documents_read) == (2, 5), "its memory, and four users"
    assert (calls.commits, calls.writes) == (4, 27), (
        "records and users, and three notes of where it is"
    )
    with counting(env.db) as calls:
        assert env.cleanup().generations == 0
    assert calls == Calls(read_rpcs=1, documents_read=1, queries=1), "its memory, and deletions"
    env.pass_time(days=7)
    with counting(env.db) as calls:
        assert env.cleanup().generations == 0
    assert calls == Calls(read_rpcs=1, documents_read=1, queries=3), "and a look at what came since"


def test_it_finishes_the_deletion_of_a_user_that_a_call_has_begun(env: Environment) -> None:
    """E12"""
    env.generate()
    env.generate("bob")
    begun = delete_user(env.context, Caller("ada"), None, timedelta(0))
    assert begun.finished is False
    report = cleanup.cleanup(env.context, timedelta(hours=1), dry_run=True)
    assert report == CleanupReport(deletions=1, finished=True)
    assert env.cleanup() == CleanupReport(deletions=1, finished=True)
    assert env.records() == []
    assert len(env.records("bob")) == 1
    assert env.user()["isDeleted"] is True
    assert env.cleanup() == CleanupReport(finished=True)


def test_what_is_gone_stays_known_as_gone_when_retention_is_raised(env: Environment) -> None:
    env.create()  # stays open, so that the next run looks at this time again
    env.generate()
    env.now = LATER
    assert env.cleanup().generations == 1
    env.set_policy(retention=RETENTION + timedelta(hours=23))
    env.cleanup()
    assert complete_since_cleanup(env.db) == LATER - RETENTION
