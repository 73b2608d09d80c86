"""An operator's change that dies half way was made or was not; doing it again makes it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import row
from tests.emulator.instance import DIED, Job, run
from tests.emulator.operator_actions import OperatorActions
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment

AGAIN: dict[str, Callable[[OperatorActions, str], object]] = {
    "give": lambda operator, _: operator.give(5),
    "refund": lambda operator, id_: operator.refund(id_),
    "put-subscription": lambda operator, _: operator.subscribe("plus"),
}


@pytest.mark.parametrize("verb", AGAIN)
def test_one_that_dies_before_its_commit_has_left_no_trace(
    env: Environment, project: str, verb: str
) -> None:
    done = env.generate().generation.id
    before = contents(env.db)
    assert run(project, Job(verb, generation_id=done, die_before_commit=1)) == [DIED]
    assert contents(env.db) == before


@pytest.mark.parametrize("verb", AGAIN)
def test_one_that_dies_after_its_commit_is_whole_and_doing_it_again_changes_nothing(
    env: Environment, project: str, verb: str
) -> None:
    done = env.generate().generation.id
    assert run(project, Job(verb, generation_id=done, die_after_commit=1)) == [DIED]
    before = contents(env.db)
    AGAIN[verb](OperatorActions(env, None), done)
    assert contents(env.db) == before
    decision = env.check()
    assert (decision.grants_remaining, decision.plan_id, row(decision)) == {
        "give": (5, "free", (10, 1, 0)),
        "refund": (0, "free", (10, 0, 0)),
        "put-subscription": (0, "plus", (100, 0, 0)),
    }[verb]
    assert len(OperatorActions(env).audit_log()) == 1
    assert_counters_match_records(env.db)
