"""Settled generations that are given back: in their own windows and grants, exactly, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import GenerationClosed, GenerationNotFound, InvalidArgument
from genquota.domain.quota.account import Grant
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import row
from tests.emulator.operator_actions import OperatorActions, operator_actions

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    env.plan("free", limits={"day": 3, "period": 10})
    return operator_actions(env)


def test_a_refund_gives_back_in_each_window_and_the_record_stays_a_success(
    env: Environment, operator: OperatorActions
) -> None:
    done = env.generate()
    finished = env.record(done)["completedAt"]
    env.pass_time(minutes=5)
    operator.refund(done)
    assert (row(env.check(), "day"), row(env.check())) == ((3, 0, 0), (10, 0, 0))
    record = env.record(done)
    names = ("generationStatus", "charged", "credits", "refunded", "late", "completedAt")
    assert [record[name] for name in names] == ["success", 0, 1, True, False, finished]
    assert (env.user()["generatedCount"], env.user()["currentPeriodCount"]) == (1, 1)
    assert_counters_match_records(env.db)


def test_a_report_of_the_success_again_answers_as_it_is_now(
    env: Environment, operator: OperatorActions
) -> None:
    done = env.generate()
    operator.refund(done)
    again = env.report(done, "success")
    assert (again.generation.charged, again.generation.refunded) == (0, True)
    with pytest.raises(GenerationClosed):
        env.report(done, "failed")
    assert env.create(key=None).replayed is False
    assert_counters_match_records(env.db)


def test_a_refund_makes_no_room_in_a_later_window(
    env: Environment, operator: OperatorActions
) -> None:
    """B5, F5"""
    done = env.generate()
    env.pass_time(days=1)
    for _ in range(3):
        env.generate()
    operator.refund(done)
    assert (row(env.check(), "day"), row(env.check())) == ((3, 3, 0), (10, 3, 0))
    assert env.day("2027-03-15")["used"] == 0
    assert env.day("2027-03-15")["success"] == 1
    assert_counters_match_records(env.db)


def test_a_refund_that_is_the_first_to_see_that_a_window_has_ended_takes_it_off_there(
    env: Environment, operator: OperatorActions
) -> None:
    """B5"""
    env.generate()
    done = env.generate()
    env.pass_time(days=1)
    operator.refund(done)
    assert env.day("2027-03-15")["used"] == 1
    assert not any(env.day("2027-03-15").get("adjusted", {}).values())
    assert (row(env.check(), "day"), row(env.check())) == ((3, 0, 0), (10, 1, 0))
    assert_counters_match_records(env.db)


def test_a_refund_after_a_reset_drives_no_window_below_zero(
    env: Environment, operator: OperatorActions
) -> None:
    done = env.generate()
    operator.reset("day")
    env.pass_time(days=1)
    operator.refund(done)  # the day closes with this very commit
    assert env.day("2027-03-15")["used"] == 0
    assert_counters_match_records(env.db)
    other = env.generate()
    operator.reset("day")
    env.pass_time(days=1)
    env.generate()  # and this one has closed before
    operator.refund(other)
    assert env.day("2027-03-16")["used"] == 0
    assert_counters_match_records(env.db)


def test_what_a_grant_paid_goes_back_to_the_grant(
    env: Environment, operator: OperatorActions
) -> None:
    env.check()
    grant_id = operator.give(2).edit.about
    assert grant_id
    for _ in range(3):
        env.generate()
    paid = env.generate()
    operator.refund(paid)
    assert env.user()["quota"]["grants"][grant_id]["used"] == 0
    assert row(env.check(), "day") == (3, 3, 0)
    assert_counters_match_records(env.db)


def test_what_is_given_back_to_an_ended_or_revoked_grant_is_lost(
    env: Environment, operator: OperatorActions
) -> None:
    for _ in range(3):
        env.generate()
    ends = operator.give(1, "ends", expires_at=datetime(2027, 3, 15, 12, tzinfo=UTC)).edit.about
    by_ended = env.generate()
    revoked = operator.give(1, "revoked").edit.about
    by_revoked = env.generate()
    assert ends
    assert revoked
    operator.revoke(revoked)
    env.pass_time(hours=4)
    for each in (by_ended, by_revoked):
        assert operator.refund(each).quota.grants_remaining == 0
    assert env.check().grants_remaining == 0
    assert_counters_match_records(env.db)


def test_a_bought_grant_that_made_room_for_others_is_given_back_all_the_same(
    env: Environment, operator: OperatorActions
) -> None:
    """D12: what was paid for is not lost because the user has bought much since."""
    for _ in range(3):
        env.generate()
    bought = operator.give(1, "bought", purchased=True).edit.about
    paid = env.generate()
    entry: Any = {"credits": 1, "used": 1, "expiresAt": None}
    env.edit(**{f"quota__grants__g{n}": entry for n in range(99)})
    operator.give(5, "one more than there is room for")
    assert bought not in env.user()["quota"]["grants"]
    assert operator.refund(paid).user.account.grants[str(bought)] == Grant(1, purchased=True)
    assert env.check().grants_remaining == 6


def test_a_late_success_is_refunded_once(env: Environment, operator: OperatorActions) -> None:
    opened = env.create()
    env.pass_time(hours=1)
    env.report(opened, "success")
    assert row(env.check()) == (10, 1, 0)
    operator.refund(opened)
    operator.refund(opened)
    assert row(env.check()) == (10, 0, 0)
    assert env.record(opened)["late"] is True
    assert_counters_match_records(env.db)


def test_a_forgiven_late_success_has_nothing_to_give_back(
    env: Environment, operator: OperatorActions
) -> None:
    env.set_policy(charge_late_success=False)
    env.generate()
    opened = env.create()
    env.pass_time(hours=1)
    env.report(opened, "success")
    assert operator.refund(opened).edit.is_noop
    assert row(env.check()) == (10, 1, 0)


def test_what_is_open_is_cancelled_and_not_refunded(
    env: Environment, operator: OperatorActions
) -> None:
    opened = env.create()
    with pytest.raises(InvalidArgument):
        operator.refund(opened)
    env.pass_time(hours=1)
    with pytest.raises(GenerationClosed) as closed:
        operator.refund(opened)
    assert closed.value.status == "expired"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_was_given_back_already_is_not_refunded(
    env: Environment, operator: OperatorActions, status: str
) -> None:
    opened = env.create()
    env.report(opened, status)
    with pytest.raises(GenerationClosed):
        operator.refund(opened)


@pytest.mark.parametrize("by", ["boss", None])
def test_a_generation_that_is_not_there_or_anothers_is_not_found(
    env: Environment, by: str | None
) -> None:
    operator = operator_actions(env, by=by)
    done = env.generate()
    env.check("eve")
    with pytest.raises(GenerationNotFound):
        operator.refund("gnone")
    with pytest.raises(GenerationNotFound):
        operator.refund(done, "eve")
    assert operator.refund(done).user.account.uid == "ada"


@pytest.mark.usefixtures("without_lock_stripes")
def test_refunds_and_reports_at_once_move_each_balance_once(
    env: Environment, operator: OperatorActions
) -> None:
    """B3, B4: and nothing passes the limit meanwhile."""
    done = env.generate()
    opened = env.create()
    results = race(
        [lambda: operator.refund(done)] * 4
        + [lambda: env.report(opened, "success")] * 3
        + [env.create] * 5
    )
    assert outcomes(results) == {"ok": 9, "quota-exceeded": 3} or outcomes(results) == {
        "ok": 8,
        "quota-exceeded": 4,
    }
    assert (
        len([entry for entry in operator.audit_log() if entry["action"] == "refund-generation"])
        == 1
    )
    limit, used, reserved = row(env.check(), "day")
    assert used + reserved <= limit
    assert_counters_match_records(env.db)


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_refund_races_the_report_that_it_is_about(
    env: Environment, operator: OperatorActions
) -> None:
    for _ in range(3):
        opened = env.create()
        results = race(
            [lambda o=opened: env.report(o, "success"), lambda o=opened: operator.refund(o)]  # type: ignore[misc]
        )
        assert outcomes(results) in ({"ok": 2}, {"ok": 1, "invalid-argument": 1})
        if outcomes(results) == {"ok": 1, "invalid-argument": 1}:
            operator.refund(opened)
        assert row(env.check(), "day") == (3, 0, 0)
    assert_counters_match_records(env.db)
