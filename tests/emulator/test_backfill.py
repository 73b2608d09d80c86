"""`backfill`: users who never called get their documents, and generations from before Genquota count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.use_cases.core.context import Caller
from ops.importing import import_generations as backfill
from ops.importing.import_generations import (
    BackfillReport,
    NewUser,
    backfill_generations,
    backfill_users,
)
from ops.importing.old_records import OldRecords
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import START, row
from tests.emulator.rpc_faults import overtaking
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

SIGNED_UP = datetime(2026, 11, 20, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_user(uid: str = "ada", **claims: Any) -> NewUser:  # noqa: ANN401 - claims of a token
    return NewUser(Caller(uid, **claims), SIGNED_UP)


def fill(env: Environment, *people: NewUser, dry_run: bool = False) -> BackfillReport:
    report = BackfillReport()
    backfill_users(env.context, people, report, dry_run=dry_run)
    return report


def take_in(env: Environment, records: OldRecords | None = None, **more: Any) -> BackfillReport:  # noqa: ANN401
    return backfill_generations(env.context, records or OldRecords(), HOUR, **more)


def old(env: Environment, name: str, status: str, uid: str = "ada", **fields: Any) -> None:  # noqa: ANN401
    """Write a record as the app did before it had Genquota."""
    record = {"userId": uid, "generationStatus": status, "createdAt": START - HOUR, **fields}
    env.db.document(f"userGenerations/{name}").set(record)


def before(**counts: int) -> dict[str, int]:
    return {"success": 0, "failed": 0, "outputs": 0, **counts}


def counted(env: Environment, uid: str = "ada") -> dict[str, int]:
    return {key: n for key, n in env.user(uid)["quota"]["before"].items() if key != "countedAt"}


def test_a_user_of_auth_gets_the_document_that_their_first_call_would_make(
    env: Environment,
) -> None:
    """E8"""
    person = new_user(email="ada@example.com", name="Ada", picture="https://a.example/p.png")
    assert fill(env, person) == BackfillReport(users=1, written=1)
    filled = env.user()
    assert filled["createdAt"] == SIGNED_UP
    assert (filled["email"], filled["displayName"]) == ("ada@example.com", "Ada")
    env.check("bob")
    called = env.user("bob")
    assert filled.keys() == called.keys()
    for field in ("usage", "nextResetDate", "role", "generatedCount"):
        assert filled[field] == called[field]
    assert fill(env, person) == BackfillReport(users=1, written=0)
    assert env.user() == filled


def test_a_period_that_is_anchored_at_the_sign_up_starts_where_auth_says(
    env: Environment,
) -> None:
    env.plan(limits={"period": 10}, period={"unit": "month", "anchor": "signup"})
    fill(env, new_user())
    assert env.user()["lastResetDate"] == datetime(2027, 2, 20, 7, tzinfo=UTC)


def test_existing_documents_get_only_what_is_absent(env: Environment) -> None:
    env.db.document("users/ada").set({"displayName": "mine", "plan": "theirs", "role": "admin"})
    env.check("bob")
    person = new_user(email="ada@example.com", name="Ada")
    report = fill(env, person, new_user("bob", email="bob@example.com"))
    assert report == BackfillReport(users=2, written=2)
    user = env.user()
    assert (user["displayName"], user["plan"], user["role"]) == ("mine", "theirs", "admin")
    assert user["email"] == "ada@example.com"
    assert env.user("bob")["email"] == "bob@example.com"


@pytest.mark.parametrize("has_called", [True, False])
def test_an_email_that_only_the_app_knows_is_put_into_lower_case(
    env: Environment, *, has_called: bool
) -> None:
    if has_called:
        env.generate()
    env.db.document("users/ada").set({"email": "jOe@Gmail.com"}, merge=True)
    assert fill(env, new_user()) == BackfillReport(users=1, written=1)
    assert env.user()["email"] == "joe@gmail.com"
    assert fill(env, new_user()).written == 0


def test_deleted_users_stay_so_and_users_who_cannot_be_understood_are_passed_over(
    env: Environment,
) -> None:
    """E12, E4"""
    tombstone = {"isDeleted": True, "deletedAt": START}
    env.db.document("users/deleted").set(tombstone)
    env.db.document("users/broken").set({"quota": {"holds": ["gibberish"]}})
    people = [new_user(uid) for uid in ("deleted", "broken", "ada")]
    assert fill(env, *people) == BackfillReport(users=3, written=1, failed=1)
    assert env.user("deleted") == tombstone
    assert env.user()["generatedCount"] == 0


def test_a_page_of_users_is_one_read_and_one_commit_and_again_one_read(
    env: Environment,
) -> None:
    people = [new_user(f"user{n}") for n in range(20)]
    with counting(env.db) as calls:
        fill(env, *people)
    assert calls == Calls(read_rpcs=2, documents_read=21, commits=1, writes=20)
    with counting(env.db) as calls:
        fill(env, *people)
    assert calls == Calls(read_rpcs=1, documents_read=20)


def test_a_user_who_calls_meanwhile_is_completed_and_so_is_everybody_else(
    env: Environment, other: Environment
) -> None:
    people = [new_user(uid, email=f"{uid}@example.com") for uid in ("ada", "bob")]
    with overtaking(env.db, other.generate):
        assert fill(env, *people) == BackfillReport(users=2, written=2)
    assert env.user()["generatedCount"] == 1
    assert env.user()["email"] == "ada@example.com"
    assert env.user("bob")["email"] == "bob@example.com"


def test_older_generations_count_in_lifetime_and_running_windows(env: Environment) -> None:
    old(env, "today", "success", type="video", outputs=[{}, {}], credits=3)
    old(env, "this-month", "completed", createdAt="2027-03-02T10:00:00Z", credits=2)
    old(env, "in-ms", "success", createdAt=1_800_000_000_000, credits=9)
    old(env, "long-ago", "success", createdAt=START - timedelta(days=400))
    old(env, "undated", "success", createdAt=None)
    old(env, "lost", "error")
    old(env, "running", "processing")
    old(env, "hers", "success", "bob")
    env.generate()
    fill(env, new_user("bob"))
    records = OldRecords(credits_field="credits")
    assert take_in(env, records) == BackfillReport(users=2, written=2, finished=True)
    assert counted(env) == before(success=5, failed=1, outputs=6)
    user = env.user()
    assert (user["generatedCount"], user["outputCount"], user["quota"]["failed"]) == (6, 7, 1)
    assert row(env.check()) == (10, 6, 0)
    assert row(env.check(), "day") == (-1, 4, 0)
    assert user["currentPeriodCount"] == 1, "only what Genquota has a record of"
    assert counted(env, "bob") == before(success=1, outputs=1)


def test_taking_in_again_counts_nothing_twice_and_what_was_missed_is_added(
    env: Environment,
) -> None:
    env.generate()
    old(env, "one", "success")
    take_in(env)
    once = env.user()
    assert take_in(env) == BackfillReport(users=1, written=0, finished=True)
    assert env.user() == once
    old(env, "two", "success")
    assert take_in(env).written == 1
    assert counted(env) == before(success=2, outputs=2)
    assert env.user()["generatedCount"] == 3
    assert row(env.check()) == (10, 2, 0), "windows are counted once"


def test_what_the_app_has_counted_by_itself_is_replaced_not_added_to(
    env: Environment,
) -> None:
    env.db.document("users/ada").set({"generatedCount": 7, "outputCount": 8})
    env.generate()
    assert env.user()["generatedCount"] == 8
    assert counted(env) == before(success=7, outputs=8)
    assert take_in(env).written == 0, "no records of the app's were found"
    assert env.user()["generatedCount"] == 8
    for n in range(5):
        old(env, f"old{n}", "success")
    assert take_in(env).written == 1
    assert env.user()["generatedCount"] == 6
    assert env.user()["outputCount"] == 6


@pytest.mark.parametrize("own_count", [0, 7])
def test_what_was_taken_in_is_no_drift(env: Environment, own_count: int) -> None:
    """F2"""
    env.db.document("users/ada").set({"generatedCount": own_count})
    env.generate()
    assert env.reconcile().drifted == 0
    old(env, "one", "success")
    take_in(env)
    assert env.reconcile().drifted == 0
    env.pass_time(days=40)
    env.generate()
    assert env.reconcile().drifted == 0


def test_records_elsewhere_and_under_other_names_are_found(env: Environment) -> None:
    env.generate()
    theirs = {"owner": "ada", "at": START - HOUR, "state": "done", "kind": "audio", "cost": 4}
    env.db.document("jobs_of_old/x").set(theirs)
    env.db.document("jobs_of_old/y").set({**theirs, "state": "waiting"})
    records = OldRecords(
        "jobs_of_old", "owner", "at", "state", frozenset({"done"}), frozenset({"waiting"}),
        "kind", "cost",
    )  # fmt: skip
    assert take_in(env, records).written == 1
    assert row(env.check()) == (10, 5, 0)
    assert counted(env) == before(success=1, outputs=1)


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(env: Environment) -> None:
    env.generate()
    old(env, "one", "success")
    user = env.user()
    assert fill(env, new_user("bob"), dry_run=True) == BackfillReport(users=1, written=1)
    assert take_in(env, dry_run=True) == BackfillReport(users=1, written=1, finished=True)
    assert env.user() == user
    assert env.user("bob") == {}


def test_a_run_that_was_stopped_is_gone_on_with(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    monkeypatch.setattr(backfill, "PAGE", 2)
    for n in range(5):
        env.generate(f"user{n}")
        old(env, f"old{n}", "success", f"user{n}")
    env.db.document("jobs/backfill").set({"after": "user1"})
    assert take_in(env) == BackfillReport(users=3, written=3, finished=True)
    assert take_in(env) == BackfillReport(users=5, written=2, finished=True)


@pytest.mark.usefixtures("without_lock_stripes")
def test_two_runs_and_calls_at_once_count_once(env: Environment, other: Environment) -> None:
    for n in range(3):
        env.generate(f"user{n}")
        old(env, f"old{n}", "success", f"user{n}")
    calls = [lambda uid=f"user{n}": other.generate(uid) for n in range(3)]
    results = race([lambda: take_in(env), lambda: take_in(other), *calls])
    assert outcomes(results) == {"ok": 5}
    for n in range(3):
        assert env.user(f"user{n}")["generatedCount"] == 3
        assert row(env.check(f"user{n}")) == (10, 3, 0)
