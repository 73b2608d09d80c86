"""The same override for many users: once each, again without harm, and only for whom it is meant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import IdempotencyMismatch, InvalidArgument, PlanNotFound
from genquota.store.plans.subscribers import users_on_plan
from tests.emulator.concurrent_calls import race
from tests.emulator.environment import START, row
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    for uid in ("ada", "bob", "cyd", "dan"):
        env.check(uid)
    for uid in ("bob", "dan"):
        env.edit(uid, planId="plus")
        env.generate(uid)
    return operator_actions(env)


def test_users_on_a_plan_are_found_page_by_page(
    env: Environment, operator: OperatorActions
) -> None:
    operator.plan("plus", "cyd")
    first = users_on_plan(env.db, "plus", 2)
    assert first == ["bob", "cyd"]
    assert users_on_plan(env.db, "plus", 2, first[-1]) == ["dan"]
    assert users_on_plan(env.db, "free", 10) == ["ada"]
    assert users_on_plan(env.db, "gone", 10) == []


def test_an_override_holds_for_a_time_and_then_the_plan_counts_again(
    env: Environment, operator: OperatorActions
) -> None:
    until = START + timedelta(days=2)
    for uid in users_on_plan(env.db, "plus", 10):
        operator.override(uid, "summer", planId="pro", rates={"maxOpen": 1}, expiresAt=until)
    assert row(env.check("bob")) == (1000, 1, 0)
    assert row(env.check("ada")) == (10, 0, 0)
    env.now = until
    assert row(env.check("bob")) == (100, 1, 0)


def test_doing_it_again_with_the_same_key_changes_nothing_but_other_terms_are_told(
    env: Environment, operator: OperatorActions
) -> None:
    operator.override("bob", "summer", limits={"day": 5})
    before = contents(env.db)
    env.pass_time(hours=1)
    assert operator.override("bob", "summer", limits={"day": 5}).edit.is_noop
    with pytest.raises(IdempotencyMismatch):
        operator.override("bob", "summer", limits={"day": 6})
    assert contents(env.db) == before
    operator.override("bob", "autumn", limits={"day": 6})
    assert row(env.check("bob"), "day") == (6, 1, 0)


def test_one_key_stays_its_own_override_beside_what_was_said_of_the_user_alone(
    env: Environment, operator: OperatorActions
) -> None:
    operator.limits("bob", limits={"day": 9})
    operator.override("bob", "summer", limits={"week": 5})
    operator.limits("bob", limits={"month": 7})
    assert operator.override("bob", "summer", limits={"week": 5}).edit.is_noop
    decision = env.check("bob")
    assert [row(decision, window)[0] for window in ("day", "week", "month")] == [9, 5, 7]


def test_whoever_has_left_the_plan_since_the_list_was_made_is_passed_over(
    env: Environment, operator: OperatorActions
) -> None:
    env.edit("bob", planId="free")
    before = contents(env.db)
    passed = operator.override("bob", "summer", on="plus", limits={"day": 5})
    assert (passed.edit.is_noop, dict(passed.edit.after)) == (True, {})
    assert contents(env.db) == before
    done = operator.override("dan", "summer", on="plus", planId="pro")
    assert (done.edit.is_noop, done.quota.plan_id) == (False, "pro")
    assert operator.override("dan", "summer", on="plus", planId="pro").edit.after == {
        "planId": "pro"
    }


def test_null_takes_back_what_was_said(env: Environment, operator: OperatorActions) -> None:
    operator.override("bob", "summer", planId="pro", limits={"day": 5})
    operator.override("bob", "back", planId=None, limits=None)
    assert env.user("bob")["quota"]["overrides"] == {}
    assert row(env.check("bob")) == (100, 1, 0)


def test_a_plan_that_is_not_there_is_laid_on_nobody(
    env: Environment, operator: OperatorActions
) -> None:
    before = contents(env.db)
    with pytest.raises(PlanNotFound):
        operator.override("bob", planId="gone")
    with pytest.raises(InvalidArgument):
        operator.override("bob", plan="pro")
    assert contents(env.db) == before


@pytest.mark.usefixtures("without_lock_stripes")
def test_two_runs_at_once_lay_it_once(env: Environment, operator: OperatorActions) -> None:
    results = race([lambda: operator.override("bob", "summer", limits={"day": 5})] * 4)
    assert sum(not each.edit.is_noop for each in results) == 1
    assert len(operator.audit_log()) == 1
    assert len(env.user("bob")["quota"]["overrides"]) == 1
