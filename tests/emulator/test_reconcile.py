"""`reconcile`: finds what does not add up, names it, and repairs it when told, whoever writes meanwhile."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from itertools import count as count_up
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.enums import Window
from genquota.domain.quota.decision import QuotaRequest
from genquota.use_cases.core.context import IN_PROCESS
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations.create_generation import CreateCommand
from genquota.use_cases.generations.track_generation import track_generation
from genquota.use_cases.jobs import reconcile
from genquota.use_cases.jobs.reconcile import ReconcileReport, reconcile_weekly
from genquota.use_cases.operators.refund_generation import refund_generation
from genquota.use_cases.operators.reset_usage import reset_usage
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import row
from tests.emulator.instance import DIED, Job, run
from tests.emulator.rpc_faults import before_rpc, overtaking
from tests.rpc_counter import QUERY, READ, Calls, counting, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment

AUDIT = AuditContext("a test")


@pytest.fixture
def pages_of_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 3)


@pytest.fixture
def repairing(env: Environment) -> None:
    env.plan(limits={"period": -1})
    env.set_policy(repairs_drift=True)


def found(users: int = 1, *, generations: int, drifted: int = 0, repaired: int = 0) -> Any:  # noqa: ANN401
    return ReconcileReport(
        users=users, generations=generations, drifted=drifted, repaired=repaired, finished=True
    )


def history(env: Environment, uid: str = "ada") -> None:
    """Let a user have generations of all ends, in a month that has closed and in the running one."""
    env.generate(uid, type="video")
    late = env.create(uid)
    env.pass_time(hours=1)
    env.expire_generations()
    env.report(late, "success", uid)
    env.report(env.create(uid), "failed", uid)
    env.pass_time(days=20)
    env.generate(uid)
    env.report(env.create(uid), "cancelled", uid)
    env.create(uid)


def test_what_was_tracked_without_outputs_adds_up_before_and_after_its_record_is_gone(
    env: Environment,
) -> None:
    env.check()
    order = CreateCommand(
        "k1", QuotaRequest(count=2), {"promptId": "p1", "promptText": "a fox"}, {}
    )
    track_generation(env.context, IN_PROCESS, "ada", order)
    assert env.reconcile() == found(generations=1)
    env.pass_time(days=100)
    assert env.cleanup().generations == 1
    assert env.user()["quota"]["base"] == {"success": 1, "outputs": 2}
    assert env.reconcile() == found(generations=0)


def damage_running(env: Environment, uid: str = "ada") -> None:
    """Let the running windows say three credits too many."""
    stored = env.user(uid)["quota"]["windows"]
    windows = json.loads(stored)
    for entry in windows.values():
        entry["used"]["image"] = entry["used"].get("image", 0) + 3
    env.db.document(f"users/{uid}").update({"quota.windows": json.dumps(windows)})


def damage_closed(env: Environment, uid: str = "ada") -> None:
    path = f"users/{uid}/windows/period_20270301T000000Z"
    env.db.document(path).update({"used": 9, "byType": {"video": 9}, "failed": 0})
    env.db.document(f"usageDaily/{uid}_2027-03-15").delete()


def damage_lifetime(env: Environment, uid: str = "ada") -> None:
    fields = {"generatedCount": 40, "outputCount": 2, "quota.failed": 9, "currentPeriodCount": 5}
    env.db.document(f"users/{uid}").update(fields)


def damage_holds(env: Environment, uid: str = "ada") -> None:
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
    env.db.document(f"users/{uid}").update({"quota.holds": {"lost": lost}})


DAMAGES = {
    "running windows": damage_running,
    "closed windows": damage_closed,
    "lifetime counts": damage_lifetime,
    "holds": damage_holds,
}


def test_a_history_that_adds_up_is_left_alone(env: Environment) -> None:
    """F2"""
    history(env)
    before = env.user()
    assert env.reconcile() == found(generations=6)
    assert env.user() == before


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_does_not_add_up_is_named_and_left_unless_it_is_to_be_repaired(
    env: Environment, damage: Callable[[Environment], None], caplog: pytest.LogCaptureFixture
) -> None:
    """F2"""
    history(env)
    damage(env)
    before = env.user()
    assert env.reconcile() == found(generations=6, drifted=1)
    assert env.user() == before
    lines = [each.facts for each in caplog.records if hasattr(each, "facts")]
    assert lines
    for facts in lines:
        assert facts.keys() == {"drift", "uid", "stored", "recomputed", "isRepaired"}
        assert (facts["uid"], facts["isRepaired"]) == ("ada", False)
        assert facts["stored"] != facts["recomputed"]


@pytest.mark.usefixtures("repairing")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_repair_makes_the_numbers_what_they_were_and_the_next_pass_finds_nothing(
    env: Environment, damage: Callable[[Environment], None]
) -> None:
    """F2"""
    env.set_policy(retention=timedelta(days=400))  # windows older than records are not judged
    history(env)
    user, closed = env.user(), env.closed("period")
    day = env.day("2027-03-15")
    damage(env)
    assert env.reconcile() == found(generations=6, drifted=1, repaired=1)
    again = env.user()
    for each in (user, again):
        each.pop("updatedAt")
    assert again == user, "what listeners see included"
    assert env.closed("period") == closed
    assert env.day("2027-03-15").items() <= day.items()
    assert_counters_match_records(env.db)
    assert env.reconcile() == found(generations=6)


def test_resets_and_refunds_of_operators_are_no_drift(env: Environment) -> None:
    """F5: what was adjusted is remembered, in running windows and in closed ones."""
    first, second = env.generate(), env.generate()
    reset_usage(env.context, IN_PROCESS, "ada", Window.PERIOD, AUDIT)
    refund_generation(env.context, IN_PROCESS, None, first.generation.id, AUDIT)
    env.generate()
    assert env.reconcile() == found(generations=3)
    env.pass_time(days=20)
    env.generate()
    refund_generation(env.context, IN_PROCESS, None, second.generation.id, AUDIT)
    assert env.reconcile() == found(generations=4)


@pytest.mark.usefixtures("repairing")
def test_windows_whose_records_are_gone_are_not_judged_and_lifetime_counts_still_are(
    env: Environment,
) -> None:
    env.plan(limits={"period": -1}, period={"unit": "year"})
    env.generate()
    env.generate()
    env.pass_time(days=91)
    env.generate()
    assert env.cleanup().generations == 2
    year = [each for each in env.check().usages if each.window == "period"]
    assert [each.used for each in year] == [3]
    assert env.reconcile() == found(generations=1), "the year began before what is kept"
    env.set_policy(retention=timedelta(days=400))
    assert env.reconcile() == found(generations=1), "nor is it when retention is raised"
    env.db.document("users/ada").update({"generatedCount": 1})
    assert env.reconcile() == found(generations=1, drifted=1, repaired=1)
    assert env.user()["generatedCount"] == 3


@pytest.mark.usefixtures("repairing")
def test_a_repair_and_a_report_that_comes_between_are_both_right(
    env: Environment, other: Environment
) -> None:
    opened = env.create()
    damage_running(env)
    # The first commit notes that a pass has begun, the second repairs.
    with overtaking(env.db, lambda: other.report(opened, "success"), skip=1):
        assert env.reconcile().repaired == 1
    assert env.user()["generatedCount"] == 1
    assert row(env.check()) == (-1, 1, 0)
    assert_counters_match_records(env.db)


def test_what_only_seemed_wrong_because_somebody_wrote_between_is_no_drift(
    env: Environment, other: Environment
) -> None:
    opened = env.create()
    # Between the page of users and the user's records the generation succeeds.
    with before_rpc(env.db, QUERY, lambda: other.report(opened, "success"), skip=1):
        assert env.reconcile() == found(generations=1)


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_drift_that_is_only_reported_is_of_one_moment(
    env: Environment, other: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    env.generate()
    damage_running(env)
    # Before the user is read again to see that nobody wrote: two notes, and the user, were read.
    with before_rpc(env.db, READ, other.generate, skip=3):
        assert env.reconcile().drifted == 1
    facts = [each.facts for each in caplog.records if hasattr(each, "facts")]
    assert {(each["stored"], each["recomputed"]) for each in facts} == {(5, 2)}


@pytest.mark.usefixtures("pages_of_3", "repairing")
@pytest.mark.parametrize("count", [2, 3, 7])
def test_it_goes_through_all_pages_and_users(env: Environment, count: int) -> None:
    """E4"""
    for n in range(count):
        env.generate(f"user{n}")
        damage_running(env, f"user{n}")
    assert env.reconcile() == found(count, generations=count, drifted=count, repaired=count)
    for n in range(count):
        assert_counters_match_records(env.db, f"user{n}")
    assert env.reconcile() == found(count, generations=count)


@pytest.mark.usefixtures("pages_of_3")
def test_a_pass_whose_time_is_up_is_gone_on_with(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    for n in range(8):
        env.generate(f"user{n}")
    ticks = count_up()
    monkeypatch.setattr(reconcile, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    first = env.reconcile(timedelta(seconds=7.5))
    assert first == ReconcileReport(users=5, generations=5, finished=False)
    assert env.reconcile() == found(3, generations=3)
    assert env.reconcile() == found(8, generations=8), "a new pass"


class _FirstUserIsSlow:
    """Remembers whose records are read, and holds the first user's query back until others are done."""

    def __init__(self, others: int) -> None:
        self.read: list[str] = []
        self._others = others
        self._lock = threading.Lock()
        self._are_done = threading.Event()

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401
        query = request.structured_query if rpc == QUERY else None
        if query is None or query.from_[0].collection_id != "userGenerations":
            return
        uid = query.where.field_filter.value.string_value
        with self._lock:
            self.read.append(uid)
        if uid == "user0" and self._others and not self._are_done.wait(20):
            raise TimeoutError("nobody else was checked meanwhile")

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401, ARG002
        # The other closed windows of a user are read last.
        if rpc == QUERY and request.structured_query.from_[0].collection_id == "windows":
            with self._lock:
                self._others -= 1
                if self._others == 0:
                    self._are_done.set()


@pytest.mark.parametrize(("checked", "meanwhile"), [(1, 0), (3, 2), (6, 3)])
def test_a_pass_whose_time_is_up_while_users_are_checked_skips_and_repeats_nobody(
    env: Environment, monkeypatch: pytest.MonkeyPatch, checked: int, meanwhile: int
) -> None:
    """E4: several users are checked at the same time, and the first may be the last to finish."""
    names = [f"user{n}" for n in range(8)]
    for uid in names:
        env.generate(uid)
    ticks = count_up()
    slow = _FirstUserIsSlow(meanwhile)
    with listening(env.db, slow), monkeypatch.context() as patch:
        patch.setattr(reconcile, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        first = env.reconcile(timedelta(seconds=checked + 1.5))
    assert first == ReconcileReport(users=checked, generations=checked, finished=False)
    assert sorted(slow.read) == names[:checked]
    rest = _FirstUserIsSlow(0)
    with listening(env.db, rest):
        assert env.reconcile() == found(8 - checked, generations=8 - checked)
    assert sorted(rest.read) == names[checked:]


def test_a_schedule_begins_a_pass_a_week_and_goes_on_with_one_that_is_not_done(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        env.generate(f"user{n}")
    assert reconcile_weekly(env.context, timedelta(hours=1)).users == 3
    env.pass_time(minutes=10)
    assert reconcile_weekly(env.context, timedelta(hours=1)) == ReconcileReport(finished=True)
    env.pass_time(days=7)
    ticks = count_up()
    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        assert reconcile_weekly(env.context, timedelta(seconds=3.5)).users == 2
    env.pass_time(minutes=10)
    assert reconcile_weekly(env.context, timedelta(hours=1)) == found(1, generations=1)
    assert reconcile_weekly(env.context, timedelta(hours=1)).users == 0


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
def test_a_pass_that_is_killed_is_gone_on_with(env: Environment, project: str, dies: Job) -> None:
    """E4, B12"""
    names = [f"user{n}" for n in range(6)]
    for uid in names:
        env.generate(uid)
        damage_running(env, uid)
    assert run(project, dies) == [DIED]
    assert env.reconcile().finished
    for uid in names:
        assert_counters_match_records(env.db, uid)


@pytest.mark.usefixtures("repairing", "without_lock_stripes")
def test_two_passes_and_users_who_call_at_once_end_with_the_right_numbers(
    env: Environment, other: Environment
) -> None:
    names = [f"user{n}" for n in range(4)]
    for uid in names:
        env.generate(uid)
        damage_running(env, uid)
    other.set_policy(repairs_drift=True)
    calls = [lambda uid=uid: other.generate(uid) for uid in names]
    results = race([env.reconcile, other.reconcile, *calls])
    assert outcomes(results) == {"ok": 6}
    for uid in names:
        assert_counters_match_records(env.db, uid)
        assert env.user(uid)["generatedCount"] == 2


CORRUPT: dict[str, dict[str, Any]] = {
    "users/user1": {"quota.windows": "gibberish"},
    "userGenerations/bad": {"userId": "user1", "hold": "gibberish"},
    "usageDaily/user1_2027-03-16": {"userId": "user1", "date": "2027-03-17"},
}


@pytest.mark.parametrize("path", CORRUPT)
def test_a_user_who_cannot_be_understood_is_passed_over_and_others_are_done(
    env: Environment, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """E4"""
    for n in range(3):
        env.generate(f"user{n}")
    env.db.document(path).set({}, merge=True)
    env.db.document(path).update(CORRUPT[path])
    env.pass_time(days=1)
    report = env.reconcile()
    assert (report.users, report.failed, report.drifted, report.finished) == (3, 1, 0, True)
    assert "user1 was passed over" in caplog.text
    assert "user0" not in caplog.text


def test_users_of_whom_nothing_is_counted_are_left_alone(env: Environment) -> None:
    """E12"""
    env.db.document("users/apps-own").set({"nickname": "x"})
    env.db.document("users/deleted").set({"isDeleted": True})
    env.set_policy(repairs_drift=True)
    assert env.reconcile() == found(2, generations=0)
    assert env.user("apps-own") == {"nickname": "x"}
    assert env.user("deleted") == {"isDeleted": True}


def test_a_dry_run_says_what_a_pass_would_read_and_writes_nothing(env: Environment) -> None:
    env.generate()
    env.generate("bob")
    with counting(env.db) as calls:
        report = reconcile.reconcile(env.context, timedelta(hours=1), dry_run=True)
    assert report == found(2, generations=2)
    assert calls == Calls(others={"RunAggregationQuery": 2})


def test_a_pass_reads_each_user_record_and_closed_window_once_and_writes_its_place(
    env: Environment,
) -> None:
    history(env)
    with counting(env.db) as calls:
        env.reconcile()
    closed = 1 + 1 + 1 + 1  # the day, week, month and period of March
    assert calls.queries == 4, "users, records, closed days, other closed windows"
    assert calls.query_results == 1 + 6 + closed
    assert (calls.read_rpcs, calls.documents_read) == (2, 2), "what it and cleanup remember"
    assert (calls.commits, calls.writes) == (2, 2), "that it began, and that it is done"
