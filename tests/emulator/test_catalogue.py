"""The catalogue as operators edit it: versions, what a plan may say, and that nobody's balance moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import AccountDisabled, Conflict, InvalidArgument, NotAllowed
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import row
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    return operator_actions(env)


def stored(env: Environment, plan_id: str) -> dict[str, Any]:
    return env.db.document(f"plans/{plan_id}").get().to_dict() or {}


def test_a_new_plan_is_version_1_and_each_edit_one_more(
    env: Environment, operator: OperatorActions
) -> None:
    assert operator.catalogue("team", limits={"period": 50}).document["version"] == 1
    env.pass_time(seconds=1)
    operator.catalogue("team", limits={"period": 60}, name="Team", rank=4)
    assert stored(env, "team") == {
        "limits": {"period": 60},
        "name": "Team",
        "rank": 4,
        "active": True,
        "version": 2,
    }
    entries = [(entry["before"], entry["after"]) for entry in operator.audit_log()]
    assert entries == [
        (
            {"planId": "team", "version": 0},
            {"planId": "team", "version": 1, "limits": {"period": 50}, "active": True},
        ),
        (
            {"planId": "team", "version": 1, "limits": {"period": 50}},
            {"planId": "team", "version": 2, "limits": {"period": 60}, "name": "Team", "rank": 4},
        ),
    ]


def test_what_is_not_said_is_no_longer_said_but_an_apps_own_fields_stay(
    env: Environment, operator: OperatorActions
) -> None:
    env.plan("team", limits={"day": 1}, overage=5, prices=[{"credits": 2}], colour="red")
    operator.catalogue("team", limits={"period": 60}, overage=None)
    assert stored(env, "team") == {
        "limits": {"period": 60},
        "active": True,
        "colour": "red",
        "version": 1,
    }


def test_a_shipped_plan_that_is_edited_gets_a_document(
    env: Environment, operator: OperatorActions
) -> None:
    put = operator.catalogue("free", limits={"period": 3})
    assert put.before == {"limits": {"period": 10}, "name": "Free", "tier": "free", "rank": 0}
    assert row(env.check()) == (3, 0, 0)


def test_an_edit_moves_no_balance(env: Environment, operator: OperatorActions) -> None:
    """D13"""
    for _ in range(4):
        env.generate()
    operator.give(7)
    opened = env.create()
    before = env.user()
    operator.catalogue("free", limits={"day": 2, "period": 5}, period={"unit": "week"})
    assert env.user() == before
    assert (row(env.check()), row(env.check(), "day")) == ((5, 4, 1), (2, 4, 1))
    assert env.check().grants_remaining == 7
    env.report(opened, "success")
    operator.catalogue("free", limits={"period": 20})
    assert row(env.check()) == (20, 5, 0)
    assert_counters_match_records(env.db)


def test_an_edit_is_obeyed_at_once_where_it_was_made_though_plans_are_remembered(
    env: Environment, operator: OperatorActions
) -> None:
    env.set_policy(plan_cache=timedelta(hours=1))
    assert row(env.check()) == (10, 0, 0)
    operator.catalogue("free", limits={"period": 2})
    assert row(env.check()) == (2, 0, 0)


def test_saying_the_same_again_is_no_new_version(
    env: Environment, operator: OperatorActions
) -> None:
    operator.catalogue("team", limits={"period": 50})
    before = contents(env.db)
    again = operator.catalogue("team", limits={"period": 50})
    assert (again.is_noop, again.document["version"], again.audit_id) == (True, 1, None)
    assert contents(env.db) == before


def test_a_dry_run_says_what_would_be_and_writes_nothing(
    env: Environment, operator: OperatorActions
) -> None:
    env.plan("team", limits={"period": 50})
    before = contents(env.db)
    put = replace(operator, dry_run=True).catalogue("team", limits={"period": 60})
    assert (put.before, put.after) == (
        {"limits": {"period": 50}},
        {"limits": {"period": 60}, "active": True},
    )
    assert (put.document["version"], put.audit_id) == (1, None)
    assert contents(env.db) == before


def test_who_edits_an_older_version_is_told(operator: OperatorActions) -> None:
    operator.catalogue("team", limits={"period": 50})
    operator.catalogue("team", limits={"period": 60}, version=1)
    with pytest.raises(Conflict) as refusal:
        operator.catalogue("team", limits={"period": 70}, version=1)
    assert refusal.value.version == 2


@pytest.mark.usefixtures("patient")
def test_edits_at_once_are_versions_one_after_the_other(
    env: Environment, operator: OperatorActions
) -> None:
    def edit(credits: int) -> object:
        return operator.catalogue("team", limits={"period": credits})

    race([lambda n=n: edit(n) for n in range(1, 9)])  # type: ignore[misc]
    assert stored(env, "team")["version"] == 8
    versions = sorted(entry["after"]["version"] for entry in operator.audit_log())
    assert versions == [1, 2, 3, 4, 5, 6, 7, 8]


def test_of_two_who_edit_the_same_version_at_once_one_is_told(operator: OperatorActions) -> None:
    operator.catalogue("team", limits={"period": 50})
    results = race(
        [
            lambda: operator.catalogue("team", limits={"period": 60}, version=1),
            lambda: operator.catalogue("team", limits={"period": 70}, version=1),
        ]
    )
    assert outcomes(results) == {"ok": 1, "conflict": 1}


@pytest.mark.parametrize("plan_id", ["", "a/b", "__x__"])
def test_a_plan_has_a_name_that_can_be_stored(operator: OperatorActions, plan_id: str) -> None:
    with pytest.raises(InvalidArgument):
        operator.catalogue(plan_id, limits={})


@pytest.mark.parametrize("role", ["user", "service"])
def test_only_admins_edit_plans(env: Environment, operator: OperatorActions, role: str) -> None:
    env.edit("eve", role=role)
    env.edit("kim", role="admin", disabled=True)
    before = contents(env.db)
    with pytest.raises(NotAllowed):
        replace(operator, by="eve").catalogue("free", limits={})
    with pytest.raises(AccountDisabled):
        replace(operator, by="kim").catalogue("free", limits={})
    assert contents(env.db) == before
    replace(operator, by=None).catalogue("free", limits={})
    assert [entry["actorId"] for entry in operator.audit_log()] == ["command-line"]
