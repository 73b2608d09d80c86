"""Reports, sweeps and creates about one generation at one instant: one winner, the balance moves once.

All without lanes and over two clients, as between two instances.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.rpc_faults import between_reads

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from tests.emulator.environment import Environment

pytestmark = pytest.mark.usefixtures("without_lock_stripes")

ROUNDS = 6
"""A race has several ways to go; each test runs several."""


def rounds(env: Environment) -> list[tuple[str, CreatedGeneration]]:
    """Open one generation of each of several users."""
    users = [f"user{n}" for n in range(ROUNDS)]
    return [(uid, env.create(uid)) for uid in users]


def status_and_used(env: Environment, uid: str, opened: CreatedGeneration) -> tuple[str, int]:
    return env.record(opened)["generationStatus"], row(env.check(uid))[1]


def test_a_success_reported_twice_at_once_is_charged_once(
    env: Environment, other: Environment
) -> None:
    """B4, B3: both are told that it was charged."""
    for uid, opened in rounds(env):
        results = race([partial(at.report, opened, "success", uid) for at in (env, other)] * 3)
        assert outcomes(results) == {"ok": 6}
        assert status_and_used(env, uid, opened) == ("success", 1)
        assert env.user(uid)["generatedCount"] == 1
        assert_counters_match_records(env.db, uid)


def test_a_failure_reported_twice_at_once_is_given_back_once(
    env: Environment, other: Environment
) -> None:
    """B4"""
    for uid, opened in rounds(env):
        results = race([partial(at.report, opened, "failed", uid) for at in (env, other)] * 3)
        assert outcomes(results) == {"ok": 6}
        assert status_and_used(env, uid, opened) == ("failed", 0)
        assert env.user(uid)["quota"]["failed"] == 1
        assert_counters_match_records(env.db, uid)


def test_of_success_and_failure_at_once_one_wins_and_the_other_is_refused(
    env: Environment, other: Environment
) -> None:
    """B4, B15"""
    for uid, opened in rounds(env):
        success, failure = race(
            [
                partial(env.report, opened, "success", uid),
                partial(other.report, opened, "failed", uid),
            ]
        )
        assert outcomes([success, failure]) == {"ok": 1, "generation-closed": 1}
        won = "success" if outcomes([success]) == {"ok": 1} else "failed"
        assert status_and_used(env, uid, opened) == (won, int(won == "success"))
        assert_counters_match_records(env.db, uid)


def test_of_success_and_the_sweep_of_an_instance_with_a_faster_clock_one_wins(
    env: Environment, other: Environment
) -> None:
    """B4: to one instance the hold still runs, to the other it has passed its end."""
    opened = rounds(env)
    env.now = START + timedelta(seconds=899)
    other.now = START + timedelta(seconds=901)
    calls = [partial(env.report, generation, "success", uid) for uid, generation in opened]
    results = race([*calls, other.expire_generations])
    assert outcomes(results) == {"ok": ROUNDS + 1}
    for uid, generation in opened:
        # What the sweep closed first is a late success, which is charged all the same.
        assert status_and_used(env, uid, generation) == ("success", 1)
        assert_counters_match_records(env.db, uid)


def test_of_a_late_success_and_the_sweep_at_once_both_find_their_place(
    env: Environment, other: Environment
) -> None:
    """B4, B10: closed before or after, it ends as a late success, charged once."""
    opened = rounds(env)
    env.pass_time(hours=1)
    other.pass_time(hours=1)
    calls = [partial(env.report, generation, "success", uid) for uid, generation in opened]
    assert outcomes(race([*calls, other.expire_generations])) == {"ok": ROUNDS + 1}
    for uid, generation in opened:
        assert status_and_used(env, uid, generation) == ("success", 1)
        assert env.record(generation)["late"] is True
        assert_counters_match_records(env.db, uid)


def test_two_expire_sweeps_at_once_give_back_once(env: Environment, other: Environment) -> None:
    """B4, C5"""
    opened = rounds(env)
    for instance in (env, other):
        instance.pass_time(hours=1)
    reports = race([env.expire_generations, other.expire_generations])
    assert [(each.failed, each.finished) for each in reports] == [(0, True)] * 2
    for uid, generation in opened:
        assert status_and_used(env, uid, generation) == ("expired", 0)
        assert env.user(uid)["quota"]["failed"] == 1
        assert_counters_match_records(env.db, uid)


def test_creates_at_once_with_the_reset_of_their_period_count_in_the_new_one(
    env: Environment, other: Environment
) -> None:
    """C5: a lazy reset racing the job is one reset."""
    users = [f"user{n}" for n in range(ROUNDS)]
    for uid in users:
        for _ in range(3):
            env.generate(uid)
    for instance in (env, other):
        instance.now = START + timedelta(days=17)
    calls = [partial(env.create, uid) for uid in users]
    results = race([*calls, *calls, other.reset_periods, env.reset_periods])
    assert outcomes(results) == {"ok": 2 * ROUNDS + 2}
    for uid in users:
        assert row(env.check(uid)) == (10, 0, 2)
        assert [each["used"] for each in env.closed("period", uid)] == [3]
        assert env.day("2027-03-15", uid)["used"] == 3
        assert_counters_match_records(env.db, uid)


def test_a_report_on_a_generation_being_hidden_keeps_both(
    env: Environment, other: Environment
) -> None:
    """B13: hiding a record neither charges nor gives back."""
    for uid, opened in rounds(env):
        results = race(
            [partial(env.report, opened, "success", uid), partial(other.hide, opened, uid)]
        )
        assert outcomes(results) == {"ok": 2}
        record = env.record(opened)
        assert (record["generationStatus"], record["isDeleted"]) == ("success", True)
        assert_counters_match_records(env.db, uid)


@pytest.mark.parametrize("by", [None, "server"])
@pytest.mark.parametrize(("first", "second"), [("success", "success"), ("failed", "success")])
def test_a_report_that_comes_between_the_two_reads_of_another_is_not_counted_twice(
    env: Environment, other: Environment, by: str | None, first: str, second: str
) -> None:
    """B4, A2: who does not name the user reads the record first, and the user after it."""
    env.edit("server", role="service")
    opened = env.create()
    with between_reads(env.db, partial(other.report, opened, first)):
        results = race([partial(env.report, opened, second, by=by)])
    assert outcomes(results) == ({"ok": 1} if first == second else {"generation-closed": 1})
    assert status_and_used(env, "ada", opened) == (first, int(first == "success"))
    assert_counters_match_records(env.db)
