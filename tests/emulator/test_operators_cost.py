"""What operators' changes cost while plans are remembered: one read, or one more, and one commit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.emulator.desk import Desk, open_desk
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.world import World

OWN = Calls(read_rpcs=1, documents_read=2, commits=1, writes=2)
"""Operator and user are read; user and audit entry written."""
WITH_A_DOCUMENT = Calls(read_rpcs=2, documents_read=3, commits=1, writes=3)
WITH_A_PLAN = Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
"""Whether there is such a plan is never taken from memory."""

COSTS: dict[str, tuple[Callable[[Desk, str], object], Calls]] = {
    "limits": (lambda desk, _: desk.limits(limits={"day": 3}), OWN),
    "timezone": (lambda desk, _: desk.timezone("Asia/Tokyo"), OWN),
    "a user's role": (lambda desk, _: desk.role("service"), OWN),
    "reset": (lambda desk, _: desk.reset("day"), OWN),
    "refund": (
        lambda desk, id_: desk.refund(id_, "ada"),
        # Among them what the statistics must take back.
        Calls(read_rpcs=1, documents_read=3, commits=1, writes=4),
    ),
    "give": (lambda desk, _: desk.give(5), WITH_A_DOCUMENT),
    "subscription": (
        lambda desk, _: desk.subscribe("free"),
        # It begins a period: what the last one ended with is kept, and the user is told.
        Calls(read_rpcs=3, documents_read=4, commits=1, writes=5),
    ),
    "plan": (lambda desk, _: desk.plan("plus"), WITH_A_PLAN),
}


@pytest.mark.parametrize("verb", COSTS)
def test_a_change_is_few_reads_and_one_commit(world: World, verb: str) -> None:
    world.set_policy(plan_cache=timedelta(hours=1))
    done = world.generate().generation.id
    desk = open_desk(world)
    change, cost = COSTS[verb]
    with counting(world.db) as calls:
        change(desk, done)
    assert calls == cost
