"""An operator's change that dies half way was made or was not; doing it again makes it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.books import assert_books_balance
from tests.emulator.desk import Desk
from tests.emulator.instance import DIED, Job, run
from tests.emulator.world import row
from tests.functions.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.world import World

AGAIN: dict[str, Callable[[Desk, str], object]] = {
    "give": lambda desk, _: desk.give(5),
    "refund": lambda desk, id_: desk.refund(id_),
    "put-subscription": lambda desk, _: desk.subscribe("plus"),
}


@pytest.mark.parametrize("verb", AGAIN)
def test_one_that_dies_before_its_commit_has_left_no_trace(
    world: World, project: str, verb: str
) -> None:
    done = world.generate().generation.id
    before = contents(world.db)
    assert run(project, Job(verb, generation_id=done, die_before_commit=1)) == [DIED]
    assert contents(world.db) == before


@pytest.mark.parametrize("verb", AGAIN)
def test_one_that_dies_after_its_commit_is_whole_and_doing_it_again_changes_nothing(
    world: World, project: str, verb: str
) -> None:
    done = world.generate().generation.id
    assert run(project, Job(verb, generation_id=done, die_after_commit=1)) == [DIED]
    before = contents(world.db)
    AGAIN[verb](Desk(world, None), done)
    assert contents(world.db) == before
    decision = world.check()
    assert (decision.grants_remaining, decision.plan_id, row(decision)) == {
        "give": (5, "free", (10, 1, 0)),
        "refund": (0, "free", (10, 0, 0)),
        "put-subscription": (0, "plus", (100, 0, 0)),
    }[verb]
    assert len(Desk(world).audit_log()) == 1
    assert_books_balance(world.db)
