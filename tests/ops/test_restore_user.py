"""`python -m ops restore-user`: the way back for a deleted uid, on the command line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.use_cases.core.context import Caller
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.environment import AN_HOUR, Environment, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    Ops = Callable[..., tuple[int, str, str]]

ASKED = ("--uid", "ada", "--note", "came back")


@pytest.fixture
def env(db: Client) -> Environment:
    """Give a user who has used three credits and was deleted."""
    env = Environment(db)
    env.travel(env.now)  # the commands' time too
    for _ in range(3):
        env.generate()
    delete_user(env.context, Caller("ada"), None, AN_HOUR)
    return env


def _audit(db: Client) -> list[dict[str, Any]]:
    return [each.to_dict() or {} for each in db.collection("auditLog").stream()]


def test_a_deleted_user_may_sign_up_again_and_has_what_was_left(
    ops: Ops, env: Environment, db: Client
) -> None:
    code, out, _ = ops("restore-user", *ASKED, "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "user ada: could sign up again")
    assert env.user()["isDeleted"]
    code, out, _ = ops("restore-user", *ASKED)
    assert code == 0
    (entry,) = _audit(db)
    assert (entry["actorId"], entry["action"]) == ("command-line", "restore-user")
    assert (entry["userId"], entry["note"]) == ("ada", "came back")
    assert out.splitlines()[-1].startswith("user ada: may sign up again (audit entry ")
    assert row(env.check()) == (10, 3, 0)
    code, out, _ = ops("restore-user", *ASKED)
    assert (code, out.splitlines()[-1]) == (0, "user ada: is not deleted")
    assert len(_audit(db)) == 1


def test_it_says_what_is_in_the_way(ops: Ops, env: Environment) -> None:
    delete_user(env.context, Caller("bob"), None, timedelta(0))
    env.db.document("deletions/bob").set({"userId": "bob"})
    code, _, err = ops("restore-user", "--uid", "bob", "--note", "came back")
    assert code == 1
    assert "restore-user: not-allowed: The deletion is not finished" in err
    code, _, err = ops("restore-user", "--uid", "nobody", "--note", "came back")
    assert (code, err) == (1, "restore-user: user-not-found\n")
    assert ops("restore-user", "--uid", "a/b", "--note", "came back")[0] == 2
    assert ops("restore-user", "--uid", "ada", "--note", " ")[0] == 2
    assert env.user()["isDeleted"]
