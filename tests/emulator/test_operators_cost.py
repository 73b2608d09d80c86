"""What operators' changes cost while plans are remembered: one read, or one more, and one commit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment

OWN = Calls(read_rpcs=1, documents_read=2, commits=1, writes=2)
"""Operator and user are read; user and audit entry written."""
WITH_A_DOCUMENT = Calls(read_rpcs=2, documents_read=3, commits=1, writes=3)
WITH_A_PLAN = Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
"""Whether there is such a plan is never taken from memory."""

COSTS: dict[str, tuple[Callable[[OperatorActions, str], object], Calls]] = {
    "limits": (lambda operator, _: operator.limits(limits={"day": 3}), OWN),
    "timezone": (lambda operator, _: operator.timezone("Asia/Tokyo"), OWN),
    "a user's role": (lambda operator, _: operator.role("service"), OWN),
    "reset": (lambda operator, _: operator.reset("day"), OWN),
    "refund": (
        lambda operator, id_: operator.refund(id_, "ada"),
        # Among them what the statistics must take back.
        Calls(read_rpcs=1, documents_read=3, commits=1, writes=4),
    ),
    "give": (lambda operator, _: operator.give(5), WITH_A_DOCUMENT),
    "subscription": (
        lambda operator, _: operator.subscribe("free"),
        # It begins a period: what the last one ended with is kept, and the user is told.
        Calls(read_rpcs=3, documents_read=4, commits=1, writes=5),
    ),
    "plan": (lambda operator, _: operator.plan("plus"), WITH_A_PLAN),
}


@pytest.mark.parametrize("verb", COSTS)
def test_a_change_is_few_reads_and_one_commit(env: Environment, verb: str) -> None:
    env.set_policy(plan_cache=timedelta(hours=1))
    done = env.generate().generation.id
    operator = operator_actions(env)
    change, cost = COSTS[verb]
    with counting(env.db) as calls:
        change(operator, done)
    assert calls == cost
