"""`backfill`: users who never called get their documents, and generations from before Genquota count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.use_cases.core.context import Caller
from ops.importing import import_generations as backfill
from ops.importing.import_generations import (
    BackfillReport,
    Newcomer,
    backfill_generations,
    backfill_users,
)
from ops.importing.old_records import OldRecords
from tests.emulator.faults import overtaking
from tests.emulator.racing import outcomes, race
from tests.emulator.world import START, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.world import World

SIGNED_UP = datetime(2026, 11, 20, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def newcomer(uid: str = "ada", **claims: Any) -> Newcomer:  # noqa: ANN401 - claims of a token
    return Newcomer(Caller(uid, **claims), SIGNED_UP)


def fill(world: World, *people: Newcomer, dry_run: bool = False) -> BackfillReport:
    report = BackfillReport()
    backfill_users(world.context, people, report, dry_run=dry_run)
    return report


def take_in(world: World, records: OldRecords | None = None, **more: Any) -> BackfillReport:  # noqa: ANN401
    return backfill_generations(world.context, records or OldRecords(), HOUR, **more)


def old(world: World, name: str, status: str, uid: str = "ada", **fields: Any) -> None:  # noqa: ANN401
    """Write a record as the app did before it had Genquota."""
    record = {"userId": uid, "generationStatus": status, "createdAt": START - HOUR, **fields}
    world.db.document(f"userGenerations/{name}").set(record)


def before(**counts: int) -> dict[str, int]:
    return {"success": 0, "failed": 0, "outputs": 0, **counts}


def counted(world: World, uid: str = "ada") -> dict[str, int]:
    return {key: n for key, n in world.user(uid)["quota"]["before"].items() if key != "countedAt"}


def test_a_user_of_auth_gets_the_document_that_their_first_call_would_make(world: World) -> None:
    """E8"""
    person = newcomer(email="ada@example.com", name="Ada", picture="https://a.example/p.png")
    assert fill(world, person) == BackfillReport(users=1, written=1)
    filled = world.user()
    assert filled["createdAt"] == SIGNED_UP
    assert (filled["email"], filled["displayName"]) == ("ada@example.com", "Ada")
    world.check("bob")
    called = world.user("bob")
    assert filled.keys() == called.keys()
    for field in ("usage", "nextResetDate", "role", "generatedCount"):
        assert filled[field] == called[field]
    assert fill(world, person) == BackfillReport(users=1, written=0)
    assert world.user() == filled


def test_a_period_that_is_anchored_at_the_sign_up_starts_where_auth_says(world: World) -> None:
    world.plan(limits={"period": 10}, period={"unit": "month", "anchor": "signup"})
    fill(world, newcomer())
    assert world.user()["lastResetDate"] == datetime(2027, 2, 20, 7, tzinfo=UTC)


def test_existing_documents_get_only_what_is_absent(world: World) -> None:
    world.db.document("users/ada").set({"displayName": "mine", "plan": "theirs", "role": "admin"})
    world.check("bob")
    person = newcomer(email="ada@example.com", name="Ada")
    report = fill(world, person, newcomer("bob", email="bob@example.com"))
    assert report == BackfillReport(users=2, written=2)
    user = world.user()
    assert (user["displayName"], user["plan"], user["role"]) == ("mine", "theirs", "admin")
    assert user["email"] == "ada@example.com"
    assert world.user("bob")["email"] == "bob@example.com"


@pytest.mark.parametrize("has_called", [True, False])
def test_an_email_that_only_the_app_knows_is_put_into_lower_case(
    world: World, *, has_called: bool
) -> None:
    if has_called:
        world.generate()
    world.db.document("users/ada").set({"email": "jOe@Gmail.com"}, merge=True)
    assert fill(world, newcomer()) == BackfillReport(users=1, written=1)
    assert world.user()["email"] == "joe@gmail.com"
    assert fill(world, newcomer()).written == 0


def test_deleted_users_stay_so_and_users_who_cannot_be_understood_are_passed_over(
    world: World,
) -> None:
    """E12, E4"""
    tombstone = {"isDeleted": True, "deletedAt": START}
    world.db.document("users/deleted").set(tombstone)
    world.db.document("users/broken").set({"quota": {"holds": ["gibberish"]}})
    people = [newcomer(uid) for uid in ("deleted", "broken", "ada")]
    assert fill(world, *people) == BackfillReport(users=3, written=1, failed=1)
    assert world.user("deleted") == tombstone
    assert world.user()["generatedCount"] == 0


def test_a_page_of_users_is_one_read_and_one_commit_and_again_one_read(world: World) -> None:
    people = [newcomer(f"user{n}") for n in range(20)]
    with counting(world.db) as calls:
        fill(world, *people)
    assert calls == Calls(read_rpcs=2, documents_read=21, commits=1, writes=20)
    with counting(world.db) as calls:
        fill(world, *people)
    assert calls == Calls(read_rpcs=1, documents_read=20)


def test_a_user_who_calls_meanwhile_is_completed_and_so_is_everybody_else(
    world: World, other: World
) -> None:
    people = [newcomer(uid, email=f"{uid}@example.com") for uid in ("ada", "bob")]
    with overtaking(world.db, other.generate):
        assert fill(world, *people) == BackfillReport(users=2, written=2)
    assert world.user()["generatedCount"] == 1
    assert world.user()["email"] == "ada@example.com"
    assert world.user("bob")["email"] == "bob@example.com"


def test_older_generations_count_in_lifetime_and_running_windows(world: World) -> None:
    old(world, "today", "success", type="video", outputs=[{}, {}], credits=3)
    old(world, "this-month", "completed", createdAt="2027-03-02T10:00:00Z", credits=2)
    old(world, "in-ms", "success", createdAt=1_800_000_000_000, credits=9)
    old(world, "long-ago", "success", createdAt=START - timedelta(days=400))
    old(world, "undated", "success", createdAt=None)
    old(world, "lost", "error")
    old(world, "running", "processing")
    old(world, "hers", "success", "bob")
    world.generate()
    fill(world, newcomer("bob"))
    records = OldRecords(credits_field="credits")
    assert take_in(world, records) == BackfillReport(users=2, written=2, finished=True)
    assert counted(world) == before(success=5, failed=1, outputs=6)
    user = world.user()
    assert (user["generatedCount"], user["outputCount"], user["quota"]["failed"]) == (6, 7, 1)
    assert row(world.check()) == (10, 6, 0)
    assert row(world.check(), "day") == (-1, 4, 0)
    assert user["currentPeriodCount"] == 1, "only what Genquota has a record of"
    assert counted(world, "bob") == before(success=1, outputs=1)


def test_taking_in_again_counts_nothing_twice_and_what_was_missed_is_added(world: World) -> None:
    world.generate()
    old(world, "one", "success")
    take_in(world)
    once = world.user()
    assert take_in(world) == BackfillReport(users=1, written=0, finished=True)
    assert world.user() == once
    old(world, "two", "success")
    assert take_in(world).written == 1
    assert counted(world) == before(success=2, outputs=2)
    assert world.user()["generatedCount"] == 3
    assert row(world.check()) == (10, 2, 0), "windows are counted once"


def test_what_the_app_has_counted_by_itself_is_replaced_not_added_to(world: World) -> None:
    world.db.document("users/ada").set({"generatedCount": 7, "outputCount": 8})
    world.generate()
    assert world.user()["generatedCount"] == 8
    assert counted(world) == before(success=7, outputs=8)
    assert take_in(world).written == 0, "no records of the app's were found"
    assert world.user()["generatedCount"] == 8
    for n in range(5):
        old(world, f"old{n}", "success")
    assert take_in(world).written == 1
    assert world.user()["generatedCount"] == 6
    assert world.user()["outputCount"] == 6


@pytest.mark.parametrize("own_count", [0, 7])
def test_what_was_taken_in_is_no_drift(world: World, own_count: int) -> None:
    """F2"""
    world.db.document("users/ada").set({"generatedCount": own_count})
    world.generate()
    assert world.reconcile().drifted == 0
    old(world, "one", "success")
    take_in(world)
    assert world.reconcile().drifted == 0
    world.pass_time(days=40)
    world.generate()
    assert world.reconcile().drifted == 0


def test_records_elsewhere_and_under_other_names_are_found(world: World) -> None:
    world.generate()
    theirs = {"owner": "ada", "at": START - HOUR, "state": "done", "kind": "audio", "cost": 4}
    world.db.document("jobs_of_old/x").set(theirs)
    world.db.document("jobs_of_old/y").set({**theirs, "state": "waiting"})
    records = OldRecords(
        "jobs_of_old", "owner", "at", "state", frozenset({"done"}), frozenset({"waiting"}),
        "kind", "cost",
    )  # fmt: skip
    assert take_in(world, records).written == 1
    assert row(world.check()) == (10, 5, 0)
    assert counted(world) == before(success=1, outputs=1)


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(world: World) -> None:
    world.generate()
    old(world, "one", "success")
    user = world.user()
    assert fill(world, newcomer("bob"), dry_run=True) == BackfillReport(users=1, written=1)
    assert take_in(world, dry_run=True) == BackfillReport(users=1, written=1, finished=True)
    assert world.user() == user
    assert world.user("bob") == {}


def test_a_run_that_was_stopped_is_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    monkeypatch.setattr(backfill, "PAGE", 2)
    for n in range(5):
        world.generate(f"user{n}")
        old(world, f"old{n}", "success", f"user{n}")
    world.db.document("jobs/backfill").set({"after": "user1"})
    assert take_in(world) == BackfillReport(users=3, written=3, finished=True)
    assert take_in(world) == BackfillReport(users=5, written=2, finished=True)


@pytest.mark.usefixtures("without_lanes")
def test_two_runs_and_calls_at_once_count_once(world: World, other: World) -> None:
    for n in range(3):
        world.generate(f"user{n}")
        old(world, f"old{n}", "success", f"user{n}")
    calls = [lambda uid=f"user{n}": other.generate(uid) for n in range(3)]
    results = race([lambda: take_in(world), lambda: take_in(other), *calls])
    assert outcomes(results) == {"ok": 5}
    for n in range(3):
        assert world.user(f"user{n}")["generatedCount"] == 3
        assert row(world.check(f"user{n}")) == (10, 3, 0)
