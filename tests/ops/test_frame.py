"""What every command does before its own work: project, settings, credentials, consent, and how it ends."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import firebase_admin
import pytest
from google.api_core.exceptions import RetryError
from google.api_core.retry import Retry

from genquota.domain.errors import Contention, InvalidArgument
from genquota.store.rpc import RPC_RETRY
from ops import ROOT
from ops import project as project_module
from ops.__main__ import main
from ops.command import Command, CommandError, Session
from ops.commands import COMMANDS

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    Ops = Callable[..., tuple[int, str, str]]


def _hello(session: Session, _told: Namespace) -> int:
    session.say(f"hello {session.project} {session.dry_run}")
    return 0


HELLO = Command("hello", "Say hello.", _hello)
TIMED_OUT = RetryError("timeout of 5 s", None)  # type: ignore[no-untyped-call]
ACCOUNTS = replace(HELLO, needs_accounts=True)


def _ending_with(error: BaseException) -> Command:
    def run(_session: Session, _told: Namespace) -> int:
        raise error

    return replace(HELLO, run=run)


def test_a_command_runs_in_the_project_that_is_named(ops: Ops, project: str) -> None:
    code, out, err = ops("hello", commands=[HELLO])
    assert (code, err) == (0, "")
    assert out == f"hello: project {project} (emulator)\nhello {project} False\n"


def test_the_project_may_come_from_the_environment(
    shell: dict[str, str], project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell["GCLOUD_PROJECT"] = project
    assert main(["hello"], [HELLO]) == 0
    assert f"hello {project}" in capsys.readouterr().out


def test_in_an_emulator_it_is_that_of_make_run_unless_named(
    shell: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell
    assert main(["hello"], [HELLO]) == 0
    assert "hello demo-genquota" in capsys.readouterr().out


def test_a_dry_run_says_so(ops: Ops) -> None:
    code, out, _ = ops("hello", "--dry-run", commands=[HELLO])
    assert code == 0
    assert "Dry run: nothing is written." in out
    assert out.endswith(" True\n")


def test_without_a_project_it_asks_which(
    shell: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    del shell["FIRESTORE_EMULATOR_HOST"]
    assert main(["hello"], [HELLO]) == 2
    assert "Name it with --project" in capsys.readouterr().err


def test_an_emulators_project_needs_its_emulator(shell: dict[str, str], ops: Ops) -> None:
    del shell["FIRESTORE_EMULATOR_HOST"]
    code, _, err = ops("hello", commands=[HELLO])
    assert code == 2
    assert "exists in emulators only" in err


def test_emulator_and_real_accounts_are_never_mixed(shell: dict[str, str], ops: Ops) -> None:
    code, _, err = ops("hello", commands=[ACCOUNTS])
    assert code == 2
    assert "FIREBASE_AUTH_EMULATOR_HOST is not: set it too" in err
    del shell["FIRESTORE_EMULATOR_HOST"]
    shell["FIREBASE_AUTH_EMULATOR_HOST"] = "127.0.0.1:9"
    code, _, err = ops("hello", "--project", "shop", commands=[HELLO])
    assert code == 2
    assert "set both or none" in err


NO_RETRY = Retry(predicate=lambda _: False)


@pytest.mark.parametrize("retry", [NO_RETRY, RPC_RETRY.with_timeout(0.2)])
def test_an_emulator_that_does_not_answer_is_named(
    shell: dict[str, str], ops: Ops, monkeypatch: pytest.MonkeyPatch, retry: Retry
) -> None:
    monkeypatch.setattr("genquota.store.rpc.RPC_TIMEOUT", 0.2)
    monkeypatch.setattr("genquota.store.rpc.RPC_RETRY", retry)
    shell["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:9"
    code, _, err = ops("hello", "--project", "demo-nobody", commands=[HELLO])
    assert code == 2
    assert "No Firestore emulator answers at 127.0.0.1:9" in err


def test_without_credentials_it_says_how_to_get_some(shell: dict[str, str], ops: Ops) -> None:
    del shell["FIRESTORE_EMULATOR_HOST"]
    shell["GOOGLE_APPLICATION_CREDENTIALS"] = "/nowhere.json"
    code, out, err = ops("hello", "--project", "shop-without-key", commands=[HELLO])
    assert (code, out) == (2, "")
    assert "gcloud auth application-default login" in err


def test_a_setting_that_means_nothing_is_named(shell: dict[str, str], ops: Ops) -> None:
    shell["HOLD_SECONDS"] = "0"
    code, _, err = ops("hello", commands=[HELLO])
    assert code == 2
    assert "HOLD_SECONDS must be from 1 to 86400" in err


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, shell: dict[str, str], project: str) -> str:
    """Let the emulator's project pass for a real one."""
    monkeypatch.setattr("ops.__main__.open_session", _as_real(project))
    assert shell
    return project


def _as_real(project: str) -> Callable[..., Session]:
    def open_session(_named: str, *, dry_run: bool, needs_accounts: bool) -> Session:
        assert not needs_accounts
        return Session(None, project, is_emulated=False, dry_run=dry_run)  # type: ignore[arg-type] # hello needs none

    return open_session


def test_a_real_project_is_not_written_to_without_consent(
    real: str, ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, out, err = ops("hello", commands=[HELLO])
    assert (code, out) == (2, f"hello: project {real} (real)\n")
    assert "add --yes" in err
    assert ops("hello", "--yes", commands=[HELLO])[0] == 0
    assert ops("hello", "--dry-run", commands=[HELLO])[0] == 0
    only_reads = replace(HELLO, writes=lambda _told: False)
    assert ops("hello", commands=[only_reads])[0] == 0


@pytest.mark.parametrize(("typed", "expected"), [("shop", 2), ("", 2), ("the project", 0)])
def test_at_a_terminal_consent_is_the_projects_id(
    real: str, ops: Ops, monkeypatch: pytest.MonkeyPatch, typed: str, expected: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: typed.replace("the project", real))
    assert ops("hello", commands=[HELLO])[0] == expected


@pytest.mark.parametrize(
    ("error", "code", "output"),
    [
        (KeyboardInterrupt(), 130, "the same command again goes on from there"),
        (Contention(), 1, "hello: contention"),
        (CommandError("no such file"), 2, "no such file"),
        (InvalidArgument((("note", "say why"),)), 2, "hello: note: say why"),
        (TIMED_OUT, 1, "hello: Firestore says: timeout of 5 s"),
    ],
)
def test_how_a_command_ends_badly(ops: Ops, error: BaseException, code: int, output: str) -> None:
    ended, _, err = ops("hello", commands=[_ending_with(error)])
    assert ended == code
    assert output in err
    assert "Traceback" not in err


def test_a_python_without_the_libraries_is_told_which_one_has_them() -> None:
    bare = [sys.executable, "-S", "-m", "ops", "--help"]
    ended = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == (
        "This Python lacks the libraries: functions/venv/bin/python -m ops (make setup makes it).\n"
    )


@pytest.mark.parametrize("name", [each.name for each in COMMANDS])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "--dry-run" in capsys.readouterr().out


@pytest.fixture
def accounts() -> Iterator[socket.socket]:
    """Give a Firebase Auth that takes calls and never answers, and let no app outlive the test."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as silent:
        yield silent
    for app in list(firebase_admin._apps.values()):
        firebase_admin.delete_app(app)


def test_accounts_that_do_not_answer_are_not_waited_for(
    shell: dict[str, str], ops: Ops, accounts: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project_module.ACCOUNTS_SECONDS == 20
    monkeypatch.setattr(project_module, "ACCOUNTS_SECONDS", 0.3)
    shell["FIREBASE_AUTH_EMULATOR_HOST"] = f"127.0.0.1:{accounts.getsockname()[1]}"
    begun = time.monotonic()
    code, _, err = ops("admin", "--email", "ada@example.com")
    assert time.monotonic() - begun < 5
    assert code == 1
    assert err.startswith("admin: Firebase Auth says: ")
