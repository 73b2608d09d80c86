"""`reconcile`: finds what does not add up, names it, and repairs it when told, whoever writes meanwhile."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count as count_up
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.quota.decision import Ask
from genquota.domain.words import Window
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import IN_PROCESS
from genquota.use_cases.generations.create_generation import Order
from genquota.use_cases.generations.track_generation import track_generation
from genquota.use_cases.jobs import reconcile
from genquota.use_cases.jobs.reconcile import ReconcileReport, reconcile_weekly
from genquota.use_cases.operators.refund_generation import refund_generation
from genquota.use_cases.operators.reset_usage import reset_usage
from tests.emulator.books import assert_books_balance
from tests.emulator.faults import before_rpc, overtaking
from tests.emulator.instance import DIED, Job, run
from tests.emulator.racing import outcomes, race
from tests.emulator.world import row
from tests.rpc_counter import QUERY, READ, Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.world import World

DEED = Deed("a test")


@pytest.fixture
def pages_of_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 3)


@pytest.fixture
def repairing(world: World) -> None:
    world.plan(limits={"period": -1})
    world.set_policy(repairs_drift=True)


def found(users: int = 1, *, generations: int, drifted: int = 0, repaired: int = 0) -> Any:  # noqa: ANN401
    return ReconcileReport(
        users=users, generations=generations, drifted=drifted, repaired=repaired, finished=True
    )


def history(world: World, uid: str = "ada") -> None:
    """Let a user have generations of all ends, in a month that has closed and in the running one."""
    world.generate(uid, type="video")
    late = world.create(uid)
    world.pass_time(hours=1)
    world.expire_generations()
    world.report(late, "success", uid)
    world.report(world.create(uid), "failed", uid)
    world.pass_time(days=20)
    world.generate(uid)
    world.report(world.create(uid), "cancelled", uid)
    world.create(uid)


def test_what_was_tracked_without_outputs_adds_up_before_and_after_its_record_is_gone(
    world: World,
) -> None:
    world.check()
    order = Order("k1", Ask(count=2), {"promptId": "p1", "promptText": "a fox"}, {})
    track_generation(world.context, IN_PROCESS, "ada", order)
    assert world.reconcile() == found(generations=1)
    world.pass_time(days=100)
    assert world.cleanup().generations == 1
    assert world.user()["quota"]["base"] == {"success": 1, "outputs": 2}
    assert world.reconcile() == found(generations=0)


def damage_running(world: World, uid: str = "ada") -> None:
    """Let the running windows say three credits too many."""
    stored = world.user(uid)["quota"]["windows"]
    windows = json.loads(stored)
    for entry in windows.values():
        entry["used"]["image"] = entry["used"].get("image", 0) + 3
    world.db.document(f"users/{uid}").update({"quota.windows": json.dumps(windows)})


def damage_closed(world: World, uid: str = "ada") -> None:
    path = f"users/{uid}/windows/period_20270301T000000Z"
    world.db.document(path).update({"used": 9, "byType": {"video": 9}, "failed": 0})
    world.db.document(f"usageDaily/{uid}_2027-03-15").delete()


def damage_lifetime(world: World, uid: str = "ada") -> None:
    fields = {"generatedCount": 40, "outputCount": 2, "quota.failed": 9, "currentPeriodCount": 5}
    world.db.document(f"users/{uid}").update(fields)


def damage_holds(world: World, uid: str = "ada") -> None:
    lost = json.dumps(
        {
            "end": 1806000000,
            "type": "image",
            "date": "2027-04-04",
            "windows": 2,
            "starts": [1806000000] * 4,
            "grants": [],
        }
    )
    world.db.document(f"users/{uid}").update({"quota.holds": {"lost": lost}})


DAMAGES = {
    "running windows": damage_running,
    "closed windows": damage_closed,
    "lifetime counts": damage_lifetime,
    "holds": damage_holds,
}


def test_a_history_that_adds_up_is_left_alone(world: World) -> None:
    """F2"""
    history(world)
    before = world.user()
    assert world.reconcile() == found(generations=6)
    assert world.user() == before


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_does_not_add_up_is_named_and_left_unless_it_is_to_be_repaired(
    world: World, damage: Callable[[World], None], caplog: pytest.LogCaptureFixture
) -> None:
    """F2"""
    history(world)
    damage(world)
    before = world.user()
    assert world.reconcile() == found(generations=6, drifted=1)
    assert world.user() == before
    told = [each.facts for each in caplog.records if hasattr(each, "facts")]
    assert told
    for facts in told:
        assert facts.keys() == {"drift", "uid", "stored", "recomputed", "isRepaired"}
        assert (facts["uid"], facts["isRepaired"]) == ("ada", False)
        assert facts["stored"] != facts["recomputed"]


@pytest.mark.usefixtures("repairing")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_repair_makes_the_numbers_what_they_were_and_the_next_pass_finds_nothing(
    world: World, damage: Callable[[World], None]
) -> None:
    """F2"""
    history(world)
    user, closed = world.user(), world.closed("period")
    day = world.day("2027-03-15")
    damage(world)
    assert world.reconcile() == found(generations=6, drifted=1, repaired=1)
    again = world.user()
    for each in (user, again):
        each.pop("updatedAt")
    assert again == user, "what listeners see included"
    assert world.closed("period") == closed
    assert world.day("2027-03-15").items() <= day.items()
    assert_books_balance(world.db)
    assert world.reconcile() == found(generations=6)


def test_resets_and_refunds_of_operators_are_no_drift(world: World) -> None:
    """F5: what was adjusted is remembered, in running windows and in closed ones."""
    first, second = world.generate(), world.generate()
    reset_usage(world.context, IN_PROCESS, "ada", Window.PERIOD, DEED)
    refund_generation(world.context, IN_PROCESS, None, first.generation.id, DEED)
    world.generate()
    assert world.reconcile() == found(generations=3)
    world.pass_time(days=20)
    world.generate()
    refund_generation(world.context, IN_PROCESS, None, second.generation.id, DEED)
    assert world.reconcile() == found(generations=4)


@pytest.mark.usefixtures("repairing")
def test_windows_whose_records_are_gone_are_not_judged_and_lifetime_counts_still_are(
    world: World,
) -> None:
    world.plan(limits={"period": -1}, period={"unit": "year"})
    world.generate()
    world.generate()
    world.pass_time(days=91)
    world.generate()
    assert world.cleanup().generations == 2
    year = [each for each in world.check().rows if each.window == "period"]
    assert [each.used for each in year] == [3]
    assert world.reconcile() == found(generations=1), "the year began before what is kept"
    world.set_policy(retention=timedelta(days=400))
    assert world.reconcile() == found(generations=1), "nor is it when retention is raised"
    world.db.document("users/ada").update({"generatedCount": 1})
    assert world.reconcile() == found(generations=1, drifted=1, repaired=1)
    assert world.user()["generatedCount"] == 3


@pytest.mark.usefixtures("repairing")
def test_a_repair_and_a_report_that_comes_between_are_both_right(
    world: World, other: World
) -> None:
    opened = world.create()
    damage_running(world)
    # The first commit notes that a pass has begun, the second repairs.
    with overtaking(world.db, lambda: other.report(opened, "success"), skip=1):
        assert world.reconcile().repaired == 1
    assert world.user()["generatedCount"] == 1
    assert row(world.check()) == (-1, 1, 0)
    assert_books_balance(world.db)


def test_what_only_seemed_wrong_because_somebody_wrote_between_is_no_drift(
    world: World, other: World
) -> None:
    opened = world.create()
    # Between the page of users and the user's records the generation succeeds.
    with before_rpc(world.db, QUERY, lambda: other.report(opened, "success"), skip=1):
        assert world.reconcile() == found(generations=1)


@pytest.mark.usefixtures("without_lanes")
def test_a_drift_that_is_only_reported_is_of_one_moment(
    world: World, other: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.generate()
    damage_running(world)
    # Before the user is read again to see that nobody wrote: two notes, and the user, were read.
    with before_rpc(world.db, READ, other.generate, skip=3):
        assert world.reconcile().drifted == 1
    facts = [each.facts for each in caplog.records if hasattr(each, "facts")]
    assert {(each["stored"], each["recomputed"]) for each in facts} == {(5, 2)}


@pytest.mark.usefixtures("pages_of_3", "repairing")
@pytest.mark.parametrize("count", [2, 3, 7])
def test_it_goes_through_all_pages_and_users(world: World, count: int) -> None:
    """E4"""
    for n in range(count):
        world.generate(f"user{n}")
        damage_running(world, f"user{n}")
    assert world.reconcile() == found(count, generations=count, drifted=count, repaired=count)
    for n in range(count):
        assert_books_balance(world.db, f"user{n}")
    assert world.reconcile() == found(count, generations=count)


@pytest.mark.usefixtures("pages_of_3")
def test_a_pass_whose_time_is_up_is_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    for n in range(8):
        world.generate(f"user{n}")
    ticks = count_up()
    monkeypatch.setattr(reconcile, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    first = world.reconcile(timedelta(seconds=7.5))
    assert first == ReconcileReport(users=5, generations=5, finished=False)
    assert world.reconcile() == found(3, generations=3)
    assert world.reconcile() == found(8, generations=8), "a new pass"


def test_a_schedule_begins_a_pass_a_week_and_goes_on_with_one_that_is_not_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        world.generate(f"user{n}")
    assert reconcile_weekly(world.context, timedelta(hours=1)).users == 3
    world.pass_time(minutes=10)
    assert reconcile_weekly(world.context, timedelta(hours=1)) == ReconcileReport(finished=True)
    world.pass_time(days=7)
    ticks = count_up()
    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        assert reconcile_weekly(world.context, timedelta(seconds=3.5)).users == 2
    world.pass_time(minutes=10)
    assert reconcile_weekly(world.context, timedelta(hours=1)) == found(1, generations=1)
    assert reconcile_weekly(world.context, timedelta(hours=1)).users == 0


@pytest.mark.usefixtures("repairing")
@pytest.mark.parametrize(
    "dies",
    [
        Job("reconcile", page=3, die_before_commit=3),
        Job("reconcile", page=3, die_after_commit=3),
        Job("reconcile", page=3, die_after_commit=6),
    ],
    ids=["before its second repair", "after its second repair", "in the second page"],
)
def test_a_pass_that_is_killed_is_gone_on_with(world: World, project: str, dies: Job) -> None:
    """E4, B12"""
    names = [f"user{n}" for n in range(6)]
    for uid in names:
        world.generate(uid)
        damage_running(world, uid)
    assert run(project, dies) == [DIED]
    assert world.reconcile().finished
    for uid in names:
        assert_books_balance(world.db, uid)


@pytest.mark.usefixtures("repairing", "without_lanes")
def test_two_passes_and_users_who_call_at_once_end_with_the_right_numbers(
    world: World, other: World
) -> None:
    names = [f"user{n}" for n in range(4)]
    for uid in names:
        world.generate(uid)
        damage_running(world, uid)
    other.set_policy(repairs_drift=True)
    calls = [lambda uid=uid: other.generate(uid) for uid in names]
    results = race([world.reconcile, other.reconcile, *calls])
    assert outcomes(results) == {"ok": 6}
    for uid in names:
        assert_books_balance(world.db, uid)
        assert world.user(uid)["generatedCount"] == 2


CORRUPT: dict[str, dict[str, Any]] = {
    "users/user1": {"quota.windows": "gibberish"},
    "userGenerations/bad": {"userId": "user1", "hold": "gibberish"},
    "usageDaily/user1_2027-03-16": {"userId": "user1", "date": "2027-03-17"},
}


@pytest.mark.parametrize("path", CORRUPT)
def test_a_user_who_cannot_be_understood_is_passed_over_and_others_are_done(
    world: World, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """E4"""
    for n in range(3):
        world.generate(f"user{n}")
    world.db.document(path).set({}, merge=True)
    world.db.document(path).update(CORRUPT[path])
    world.pass_time(days=1)
    report = world.reconcile()
    assert (report.users, report.failed, report.drifted, report.finished) == (3, 1, 0, True)
    assert "user1 was passed over" in caplog.text
    assert "user0" not in caplog.text


def test_users_of_whom_nothing_is_counted_are_left_alone(world: World) -> None:
    """E12"""
    world.db.document("users/apps-own").set({"nickname": "x"})
    world.db.document("users/deleted").set({"isDeleted": True})
    world.set_policy(repairs_drift=True)
    assert world.reconcile() == found(2, generations=0)
    assert world.user("apps-own") == {"nickname": "x"}
    assert world.user("deleted") == {"isDeleted": True}


def test_a_dry_run_says_what_a_pass_would_read_and_writes_nothing(world: World) -> None:
    world.generate()
    world.generate("bob")
    with counting(world.db) as calls:
        report = reconcile.reconcile(world.context, timedelta(hours=1), dry_run=True)
    assert report == found(2, generations=2)
    assert calls == Calls(others={"RunAggregationQuery": 2})


def test_a_pass_reads_each_user_record_and_closed_window_once_and_writes_its_place(
    world: World,
) -> None:
    history(world)
    with counting(world.db) as calls:
        world.reconcile()
    closed = 1 + 1 + 1 + 1  # the day, week, month and period of March
    assert calls.queries == 4, "users, records, closed days, other closed windows"
    assert calls.query_results == 1 + 6 + closed
    assert (calls.read_rpcs, calls.documents_read) == (2, 2), "what it and cleanup remember"
    assert (calls.commits, calls.writes) == (2, 2), "that it began, and that it is done"
