"""Jobs by hand, as the command line runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.emulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud import firestore

    Ops = Callable[..., tuple[int, str, str]]

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)


def test_cleanup_says_what_is_due_and_then_deletes_it(ops: Ops, db: firestore.Client) -> None:
    world = World(db, NOW)
    for _ in range(3):
        world.generate()
    world.travel(NOW + timedelta(days=91))
    code, out, _ = ops("cleanup", "--dry-run")
    assert code == 0
    assert out.endswith("cleanup: failed 0, generations 3 due\n")
    assert len(world.records()) == 3
    code, out, err = ops("cleanup")
    assert (code, out.splitlines()[1:]) == (0, ["cleanup: failed 0, generations 3"])
    assert err == "cleanup: 3 deleted, 0 passed over\n", "the progress"
    assert world.records() == []
    assert ops("cleanup")[1].endswith("cleanup: failed 0, generations 0\n")


def test_cleanup_that_passes_something_over_says_so(ops: Ops, db: firestore.Client) -> None:
    world = World(db, NOW)
    bad = world.generate()
    db.document(f"userGenerations/{bad.generation.id}").update({"hold": "gibberish"})
    world.travel(NOW + timedelta(days=91))
    code, out, err = ops("cleanup")
    assert code == 1
    assert out.endswith("cleanup: failed 1, generations 0\n")
    assert f"generation {bad.generation.id} was passed over" in err
