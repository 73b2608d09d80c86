"""`python -m ops override`: many users, each once, however often it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from google.cloud.firestore import Client

    Ops = Callable[..., tuple[int, str, str]]

NOTE = ("--note", "the outage of Tuesday")
TWENTY = ("--limits", '{"period": 20}')


@pytest.fixture
def env(db: Client) -> Environment:
    """Give three users on the free plan and two on plus."""
    env = Environment(db)
    env.travel(env.now)  # the commands' time too
    for uid in ("ada", "ben", "cleo"):
        env.generate(uid)
    for uid in ("dan", "eve"):
        env.edit(uid, planId="plus")
        env.generate(uid)
    return env


def _limits(env: Environment) -> dict[str, int]:
    return {uid: env.check(uid).usages[1].limit for uid in ("ada", "ben", "cleo", "dan", "eve")}


def _audit(db: Client) -> list[dict[str, Any]]:
    return [each.to_dict() or {} for each in db.collection("auditLog").stream()]


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    file.write_text("ada\n\nben  # asked twice\nada\nnobody\n")
    return file


def test_users_of_a_file_are_changed_once_and_audited(
    ops: Ops, env: Environment, db: Client, users: Path
) -> None:
    code, out, _ = ops("override", "--users", str(users), *TWENTY, *NOTE)
    assert code == 0
    assert "2 changed, 1 not there" in out
    assert _limits(env) == {"ada": 20, "ben": 20, "cleo": 10, "dan": 100, "eve": 100}
    assert {each["userId"] for each in _audit(db)} == {"ada", "ben"}
    entry = _audit(db)[0]
    assert (entry["action"], entry["actorId"]) == ("override-many", "command-line")
    assert entry["note"] == "the outage of Tuesday"
    assert entry["after"] == {"period": 20}


def test_everybody_on_a_plan_is_changed_and_nobody_else(ops: Ops, env: Environment) -> None:
    code, out, _ = ops("override", "--everybody-on", "free", "--plan", "pro", *NOTE)
    assert (code, "3 changed" in out) == (0, True)
    assert _limits(env) == {"ada": 1000, "ben": 1000, "cleo": 1000, "dan": 100, "eve": 100}


def test_a_dry_run_counts_and_changes_nothing(ops: Ops, env: Environment, db: Client) -> None:
    code, out, _ = ops("override", "--everybody-on", "free", *TWENTY, *NOTE, "--dry-run")
    assert (code, "3 would change" in out) == (0, True)
    assert set(_limits(env).values()) == {10, 100}
    assert _audit(db) == []


def test_running_it_again_after_a_stop_changes_nobody_twice(
    ops: Ops, env: Environment, db: Client, users: Path
) -> None:
    ops("override", "--users", str(users), *TWENTY, *NOTE)
    ada = env.user("ada")
    code, out, _ = ops("override", "--everybody-on", "free", *TWENTY, *NOTE)
    assert code == 0
    assert "1 changed, 2 had it already" in out
    assert env.user("ada") == ada
    assert len(_audit(db)) == 3


def test_the_same_key_for_other_terms_is_refused(ops: Ops, env: Environment, users: Path) -> None:
    key = ("--key", "tuesday")
    ops("override", "--users", str(users), *TWENTY, *NOTE, *key)
    code, _, err = ops("override", "--users", str(users), "--overage", "5", *NOTE, *key)
    assert (code, "idempotency-mismatch" in err) == (2, True)
    assert _limits(env)["ada"] == 20


def test_it_ends_when_it_is_said_to(ops: Ops, env: Environment, users: Path) -> None:
    until = ("--until", "2100-01-01")
    assert ops("override", "--users", str(users), *TWENTY, *until, *NOTE)[0] == 0
    assert _limits(env)["ada"] == 20
    env.now = env.now.replace(year=2099, month=12, day=31)
    assert _limits(env)["ada"] == 20
    env.now = env.now.replace(year=2100, month=1, day=1)
    assert _limits(env)["ada"] == 10


@pytest.mark.parametrize(
    ("words", "output"),
    [
        ((), "Say what to change"),
        (("--limits", "20"), "limits: Input should be a valid dictionary"),
        (("--limits", "{period: 20}"), "no JSON"),
        (("--limits", '{"monthly": 20}'), "limits.monthly.?: Input should be 'day'"),
        (("--plan", "no-such-plan"), "plan-not-found"),
        (("--overage", "5", "--until", "2001-01-01"), "is not in the future"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said_before_anybody_is_changed(
    ops: Ops, env: Environment, db: Client, users: Path, words: tuple[str, ...], output: str
) -> None:
    code, _, err = ops("override", "--users", str(users), *words, *NOTE)
    assert code == 2
    assert output in err
    assert _audit(db) == []
    assert _limits(env)["ada"] == 10


def test_a_file_that_is_none_or_has_no_uids_is_named(ops: Ops, tmp_path: Path) -> None:
    code, _, err = ops("override", "--users", str(tmp_path / "none"), *TWENTY, *NOTE)
    assert (code, "No such file" in err) == (2, True)
    bad = tmp_path / "bad"
    bad.write_text("ada\nusers/ben\n")
    code, _, err = ops("override", "--users", str(bad), *TWENTY, *NOTE)
    assert (code, "line 2: no uid" in err) == (2, True)
