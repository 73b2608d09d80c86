"""Limits, rates and overage of one user: replaced by name, up or down, for good or for a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import InvalidArgument
from tests.emulator.environment import START, row
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    env.plan("free", limits={"period": 10}, rates={"maxOpen": 5})
    env.generate()
    return operator_actions(env)


def test_what_is_named_is_replaced_and_the_rest_stays(
    env: Environment, operator: OperatorActions
) -> None:
    operator.limits(limits={"period": 3}, limitsByType={"video": {"day": 0}})
    operator.limits(limits={"day": 2}, overage=1)
    decision = env.check()
    assert [row(decision), row(decision, "day")] == [(3, 1, 0), (2, 1, 0)]
    assert row(decision, "day", "video") == (0, 0, 0)
    assert len(env.user()["quota"]["overrides"]) == 1
    assert env.check(type="video").refusal is None, "the overage is for all limits"


def test_a_limit_may_be_lifted(env: Environment, operator: OperatorActions) -> None:
    operator.limits(limits={"period": -1})
    assert row(env.check()) == (-1, 1, 0)


def test_a_lowered_limit_refuses_what_is_beyond_it_and_takes_nothing_back(
    env: Environment, operator: OperatorActions
) -> None:
    for _ in range(4):
        env.generate()
    operator.limits(limits={"period": 3})
    assert row(env.check()) == (3, 5, 0)
    assert env.check().refusal is not None


def test_null_gives_the_plans_word_back(env: Environment, operator: OperatorActions) -> None:
    operator.limits(
        limits={"period": 3, "day": 2},
        limitsByType={"video": {"day": 0}, "audio": {"day": 0}},
        rates={"maxOpen": 1, "minute": 1},
        overage=4,
    )
    operator.limits(limits={"day": None}, limitsByType={"video": None}, rates={"minute": None})
    decision = env.check()
    assert row(decision) == (3, 1, 0)
    assert row(decision, "day") == (-1, 1, 0)
    assert {line.type for line in decision.usages} == {None, "audio"}
    operator.limits(limits=None, limitsByType=None, rates=None, overage=None)
    assert row(env.check()) == (10, 1, 0)
    assert env.user()["quota"]["overrides"] == {}


def test_limits_for_a_time_give_way_to_those_for_good(
    env: Environment, operator: OperatorActions
) -> None:
    operator.limits(limits={"period": 20})
    operator.limits(limits={"period": 50}, expiresAt=START + timedelta(days=1))
    assert row(env.check()) == (50, 1, 0)
    env.pass_time(days=1)
    assert row(env.check()) == (20, 1, 0)


def test_what_is_said_last_counts_though_it_joins_nothing_earlier(
    env: Environment, operator: OperatorActions
) -> None:
    operator.limits(limits={"period": 20})
    operator.limits(limits={"period": 50}, expiresAt=START + timedelta(days=1))
    operator.limits(limits={"day": 7})
    assert [row(env.check())[0], row(env.check(), "day")[0]] == [50, 7]
    operator.limits(limits={"period": 30})
    assert row(env.check())[0] == 30, "for good is also instead of what was for a time"


def test_the_audit_log_says_what_operators_said_before_and_now(operator: OperatorActions) -> None:
    operator.limits(limits={"period": 20}, limitsByType={"video": {"day": 1}})
    operator.env.pass_time(seconds=1)
    operator.limits(limits={"period": 5}, rates={"maxOpen": 2}, overage=1)
    entry = operator.audit_log()[1]
    assert entry["before"] == {"period": 20, "maxOpen": None, "overage": None}
    assert entry["after"] == {"period": 5, "maxOpen": 2, "overage": 1}


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"limit": {"period": 1}},
        {"planId": "pro"},
        {"limits": {"year": 1}},
        {"limits": {"period": -2}},
        {"limits": {"period": 1.5}},
        {"limits": {"period": True}},
        {"limits": {"period": "1"}},
        {"limits": [1]},
        {"limitsByType": {"": {"day": 1}}},
        {"limitsByType": {"video": {"days": 1}}},
        {"limitsByType": 1},
        {"rates": {"second": 1}},
        {"overage": "all"},
        {"limits": {"period": 5}, "expiresAt": START},
        {"limits": {"period": 5}, "expiresAt": "tomorrow"},
    ],
    ids=str,
)
def test_what_is_no_term_is_refused_and_nothing_is_written(
    env: Environment, operator: OperatorActions, terms: dict[str, Any]
) -> None:
    before = contents(env.db)
    with pytest.raises(InvalidArgument):
        operator.limits(**terms)
    assert contents(env.db) == before
