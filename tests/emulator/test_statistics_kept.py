"""What a day counts stays when its records are gone, and each day becomes final, the first ones too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.store.statistics import documents as statistics_documents
from genquota.use_cases.core.context import Caller
from genquota.use_cases.self_service.delete_user import delete_user
from ops.statistics_history import rebuild_days
from tests.emulator.environment import AN_HOUR
from tests.emulator.operator_actions import OperatorActions
from tests.emulator.statistics_days import MARCH_15, count_now, document, run_statistics, stored

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture(autouse=True)
def _plan(env: Environment) -> None:
    env.plan("free")


def delete(env: Environment, uid: str) -> None:
    assert delete_user(env.context, Caller(uid), None, AN_HOUR).finished


def total(env: Environment) -> int:
    return stored(env).day.statistics.total


def test_drift_does_not_cost_the_generations_of_a_deleted_user(
    env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    for uid in ("ada", "ada", "bob", "bob", "bob"):
        opened = env.generate(uid)
    count_now(env)
    delete(env, "ada")
    env.db.document(f"userGenerations/{opened.generation.id}").delete()
    env.pass_time(days=2)
    report = run_statistics(env)
    assert (report.final, report.drifted, report.rebuilt) == (1, 1, 0)
    (answer,) = [record for record in caplog.records if hasattr(record, "facts")]
    assert answer.facts == {
        "drift": "2027-03-15 success",
        "stored": 3,
        "recomputed": 2,
        "isRepaired": False,
    }
    assert total(env) == 5
    assert document(env)["isFinal"] is True
    assert run_statistics(env).final == 0


def test_an_edited_record_does_not_cost_the_generations_of_a_deleted_user(
    env: Environment,
) -> None:
    """It is not counted, but the database counts it."""
    for uid in ("ada", "bob"):
        env.generate(uid)
    odd = env.generate("eve")
    env.db.document(f"userGenerations/{odd.generation.id}").update({"charged": "y"})
    count_now(env)
    delete(env, "bob")
    env.pass_time(days=2)
    report = run_statistics(env)
    assert (report.final, report.drifted, report.rebuilt) == (1, 0, 0)
    assert total(env) == 2


def test_a_day_whose_records_are_gone_is_left_alone(
    env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    env.generate()
    count_now(env)
    env.pass_time(days=100)
    run_statistics(env)
    env.cleanup()
    report = rebuild_days(env.context, MARCH_15, MARCH_15, AN_HOUR)
    assert (report.rebuilt, report.kept, report.finished) == (0, 1, True)
    assert "statistics of 2027-03-15 are left as they were" in caplog.text
    assert total(env) == 1


@pytest.mark.parametrize("days", [0, 3])
def test_a_day_of_a_deleted_user_is_left_alone(env: Environment, days: int) -> None:
    for uid in ("ada", "bob"):
        env.generate(uid)
    count_now(env)
    env.pass_time(days=days)
    run_statistics(env)
    delete(env, "ada")
    before = stored(env)
    rebuild_days(env.context, MARCH_15, MARCH_15, timedelta(minutes=1))
    assert stored(env) == before


def test_a_refund_after_lists_have_gone_makes_none_anew(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_documents, "LISTS_ARE_KEPT", timedelta(days=5))
    opened = env.generate()
    count_now(env)
    lists = env.db.collection("analyticsDaily/2027-03-15/lists")
    env.pass_time(days=6)
    run_statistics(env)
    for each in lists.list_documents():
        each.delete()
    OperatorActions(env, None).refund(opened.generation.id)
    assert run_statistics(env).changes == 1
    assert document(env)["refunded"] == 1
    assert document(env)["lists"] == []
    assert not list(lists.stream())


def test_a_day_counted_anew_after_its_lists_have_gone_has_none(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_documents, "LISTS_ARE_KEPT", timedelta(days=5))
    env.generate()
    env.pass_time(days=6)
    count_now(env)
    rebuild_days(env.context, MARCH_15, MARCH_15, AN_HOUR)
    assert (total(env), document(env)["lists"]) == (1, [])


def test_a_day_before_the_first_that_was_counted_becomes_final(env: Environment) -> None:
    env.now = datetime(2027, 3, 14, 23, 55, tzinfo=UTC)
    late = env.create("bob")
    env.pass_time(minutes=6)
    env.generate()
    count_now(env)
    env.report(late, "success", "bob")
    env.pass_time(days=3)
    assert run_statistics(env).final == 3
    assert document(env, date(2027, 3, 14))["isFinal"] is True
    assert document(env)["isFinal"] is True


def test_a_final_day_that_more_is_counted_on_is_not_compared_again(env: Environment) -> None:
    env.generate()
    opened = env.create("bob")
    count_now(env)
    env.pass_time(days=3)
    run_statistics(env)
    delete(env, "ada")
    env.report(opened, "success", "bob")
    count_now(env)
    env.pass_time(days=3)
    assert run_statistics(env).drifted == 0
    assert total(env) == 2


def test_a_record_that_claims_to_be_of_long_ago_has_no_days_compared_since_then(
    env: Environment,
) -> None:
    opened = env.generate()
    long_ago = datetime(1970, 1, 2, tzinfo=UTC)
    env.db.document(f"userGenerations/{opened.generation.id}").update({"createdAt": long_ago})
    env.generate("bob")
    count_now(env)
    env.pass_time(days=2)
    report = run_statistics(env)
    assert (report.final, report.finished) == (1, True)
