"""Jobs by hand, as the command line runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.emulator.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud import firestore

    Ops = Callable[..., tuple[int, str, str]]

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)


def test_cleanup_says_what_is_due_and_then_deletes_it(ops: Ops, db: firestore.Client) -> None:
    env = Environment(db, NOW)
    for _ in range(3):
        env.generate()
    env.travel(NOW + timedelta(days=91))
    code, out, _ = ops("cleanup", "--dry-run")
    assert code == 0
    assert out.endswith("cleanup: deletions 0, failed 0, generations 3 due\n")
    assert len(env.records()) == 3
    assert not db.document("jobs/runs").get().exists
    code, out, err = ops("cleanup")
    assert (code, out.splitlines()[1:]) == (0, ["cleanup: deletions 0, failed 0, generations 3"])
    assert err == "cleanup: 3 deleted, 0 passed over\n", "the progress"
    assert env.records() == []
    run = (db.document("jobs/runs").get().to_dict() or {})["cleanup"]
    assert (run["ok"], run["byHand"], run["report"]["generations"]) == (True, True, 3)
    assert ops("cleanup")[1].endswith("cleanup: deletions 0, failed 0, generations 0\n")


def test_cleanup_that_passes_something_over_says_so(ops: Ops, db: firestore.Client) -> None:
    env = Environment(db, NOW)
    bad = env.generate()
    db.document(f"userGenerations/{bad.generation.id}").update({"hold": "gibberish"})
    env.travel(NOW + timedelta(days=91))
    code, out, err = ops("cleanup")
    assert code == 1
    assert out.endswith("cleanup: deletions 0, failed 1, generations 0\n")
    assert f"generation {bad.generation.id} was passed over" in err


def test_reconcile_says_what_it_will_read_and_repairs_only_when_told(
    ops: Ops, db: firestore.Client
) -> None:
    env = Environment(db, NOW)
    env.travel(NOW)
    for uid in ("ada", "bob"):
        env.generate(uid)
    env.edit(generatedCount=5)
    code, out, err = ops("reconcile", "--dry-run")
    assert (code, err) == (0, "")
    assert out.endswith("reconcile: will read 2 users, 2 records, and their closed windows\n")
    code, out, err = ops("reconcile")
    assert code == 1
    assert "user ada: generatedCount was 5, by the records 1\n" in err
    assert out.endswith(
        "reconcile: drifted 1, failed 0, generations 2, repaired 0, users 2\n"
        "Put it right with --repair.\n"
    )
    assert env.user()["generatedCount"] == 5
    code, out, _ = ops("reconcile", "--repair")
    assert (code, env.user()["generatedCount"]) == (0, 1)
    assert out.endswith("reconcile: drifted 1, failed 0, generations 2, repaired 1, users 2\n")
    assert ops("reconcile")[0] == 0


def test_a_reconcile_that_was_stopped_is_gone_on_with_or_begun_anew(
    ops: Ops, db: firestore.Client
) -> None:
    env = Environment(db, NOW)
    for uid in ("ada", "bob", "eve"):
        env.generate(uid)
    db.document("jobs/reconcile").set({"after": "ada"})
    assert ops("reconcile")[1].endswith("generations 2, repaired 0, users 2\n")
    db.document("jobs/reconcile").set({"after": "ada"})
    assert ops("reconcile", "--anew")[1].endswith("generations 3, repaired 0, users 3\n")
