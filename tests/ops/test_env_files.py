"""functions/.env and .secret.local are read as the Firebase CLI reads them: compared with the CLI itself."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dev import secrets, suite
from dev.env_files import BadEnvFile, parse, read_env_file, read_settings
from dev.setup import ROOT, SetupError
from ops import project as ops_project
from ops.command import Command

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from ops.command import Session

    Ops = Callable[..., tuple[int, str, str]]
    Ask = Callable[..., dict[str, Any]]

GRAMMAR = {
    "DEFAULT_PLAN=plus # note": "plus",
    "DEFAULT_PLAN=plus#note": "plus",
    "DEFAULT_PLAN=plus": "plus",
    "DEFAULT_PLAN=": "",
    "DEFAULT_PLAN= # note": "",
    "DEFAULT_PLAN = plus": "plus",
    "\t DEFAULT_PLAN\t=\tplus \t": "plus",
    "export DEFAULT_PLAN=plus": "plus",
    "exportDEFAULT_PLAN=plus": "plus",
    "# note\n\nDEFAULT_PLAN=plus\n#DEFAULT_PLAN=pro": "plus",
    "DEFAULT_PLAN=pro\nDEFAULT_PLAN=plus": "plus",
    "DEFAULT_PLAN=plus\r\nTYPES=song\r\n": "plus",
    "\ufeffDEFAULT_PLAN=plus": "plus",
    "DEFAULT_PLAN=\xa0plus\xa0": "plus",
    "DEFAULT_PLAN=plus\x85": "plus\x85",
    "DEFAULT_PLAN='plus # pro' # note": "plus # pro",
    'DEFAULT_PLAN="plus # pro" # note': "plus # pro",
    'DEFAULT_PLAN=" plus "': " plus ",
    'DEFAULT_PLAN=" plus "#note': " plus ",
    'DEFAULT_PLAN=""': "",
    r'DEFAULT_PLAN="a\nb\tc\\d\"e\'f\x"': "a\nb\tc\\d\"e'f\\x",
    r"DEFAULT_PLAN='a\nb\'c'": r"a\nb\'c",
    'DEFAULT_PLAN="plus\npro"': "plus\npro",
    "DEFAULT_PLAN='plus\npro'": "plus\npro",
    "DEFAULT_PLAN=\n'plus'": "plus",
    'DEFAULT_PLAN="plus': '"plus',
    "DEFAULT_PLAN=pl'us": "pl'us",
    'DEFAULT_PLAN="plus" pro': '"plus" pro',
    "DEFAULT_PLAN=a=b": "a=b",
    "DEFAULT_PLAN=$PLAN": "$PLAN",
    r"DEFAULT_PLAN=a\nb": r"a\nb",
}
"""What is written, and what DEFAULT_PLAN is then."""

REFUSED = [
    "plan=plus",
    "DEFAULT-PLAN=plus",
    "1PLAN=plus",
    "a.b/c=plus",
    "DEFAULT_PLAN",
    "DEFAULT_PLAN: plus",
    "DEFAULT_PLAN=plus\npro",
    "=plus",
    "PORT=80",
    "K_SERVICE=x",
    "GCLOUD_PROJECT=shop",
    "FIREBASE_TOKEN=x",
    "X_GOOGLE_A=x",
    "EXT_A=x",
    "KIT_A=x",
    "FIREBASE_SECRET_REF_=x",
    "EXT_SELECTED_EVENTS_A=x",
    "EXT_MIGRATED_SYSTEM_=x",
]
ALLOWED = ["FIREBASE_SECRET_REF_A=x", "EXT_MIGRATED_SYSTEM_A=x", "EXT_SELECTED_EVENTS=x", "_A1=x"]

SIGNS = [*"'\"\\#= \t\n\r\v\f\x1c\x85\xa0\u2003\u2028\ufeff", "\r\n", r"\n", r"\'", r"\""]
WORDS = [
    "A",
    "B_1",
    "a.b/c",
    "x",
    "é",
    "export",
    "export ",
    "A=",
    "\nB=",
    "#x",
    "PORT=",
    "__proto__=",
]
PIECES = st.sampled_from(SIGNS + WORDS)
TEXTS = st.lists(PIECES, max_size=16).map("".join) | st.text(max_size=40)


@pytest.fixture(scope="module")
def cli() -> Iterator[Ask]:
    """Give the CLI's own reading."""
    command = ["node", str(Path(__file__).with_name("firebase_cli.mjs"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin
        assert node.stdout
        words, answers = node.stdin, node.stdout

        def ask(**asked: object) -> dict[str, Any]:
            words.write(f"{json.dumps(asked)}\n")
            words.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        words.close()


def is_taken(text: str, folder: Path) -> bool:
    (folder / "taken.env").write_bytes(text.encode())
    try:
        read_env_file(folder / "taken.env")
    except BadEnvFile:
        return False
    return True


@pytest.mark.parametrize(("text", "plan"), GRAMMAR.items())
def test_a_value_is_what_the_cli_takes_it_for(text: str, plan: str, cli: Ask) -> None:
    assert parse(text).values["DEFAULT_PLAN"] == plan
    assert cli(text=text)["envs"]["DEFAULT_PLAN"] == plan


@pytest.mark.parametrize("text", [*REFUSED, *ALLOWED])
def test_a_file_is_refused_if_the_cli_refuses_it(text: str, cli: Ask, tmp_path: Path) -> None:
    assert is_taken(text, tmp_path) == cli(text=text)["isTaken"] == (text in ALLOWED)


@settings(
    max_examples=3000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=TEXTS)
@example(text="A=1\r\nB=2\rC=3\r\n")
@example(text="A='x\u2028'y'\u2028'")
def test_any_text_says_what_the_cli_makes_of_it(text: str, cli: Ask, tmp_path: Path) -> None:
    values, not_understood = parse(text)
    answer = cli(text=text)
    assert (values, not_understood) == (answer["envs"], answer["errors"])
    assert is_taken(text, tmp_path) == answer["isTaken"]


@pytest.mark.parametrize("alias", [None, "prod", "shop-1"])
@pytest.mark.parametrize("emulated", [False, True])
@pytest.mark.parametrize(
    "files", [".env .env.shop-1 .env.local", ".env .env.prod .env.local", ".env.shop-1 .env.prod"]
)
def test_the_same_files_count_in_the_same_order(
    files: str, alias: str | None, cli: Ask, tmp_path: Path, *, emulated: bool
) -> None:
    for number, name in enumerate(files.split()):
        (tmp_path / name).write_text(f"LAST={name}\nN{number}=there\n")
    there = {"folder": str(tmp_path), "project": "shop-1", "isEmulator": emulated}
    answer = cli(**there, **({"alias": alias} if alias else {}))
    if "envs" not in answer:
        with pytest.raises(BadEnvFile, match="keep one of them"):
            read_settings(tmp_path, "shop-1", alias, emulated=emulated)
        return
    assert read_settings(tmp_path, "shop-1", alias, emulated=emulated) == answer["envs"]


def test_what_is_refused_is_named_without_its_value(tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    folder.mkdir()
    (folder / ".env").write_text("A=1\n\nkey: whsec_1\n")
    with pytest.raises(
        BadEnvFile, match=r"^functions/\.env, line 3: not understood as NAME=value$"
    ):
        read_env_file(folder / ".env")
    (folder / ".env").write_text("key=whsec_1\n")
    with pytest.raises(BadEnvFile, match=r"^functions/\.env: key is no name: capital letters"):
        read_env_file(folder / ".env")


def _show(session: Session, _told: Namespace) -> int:
    session.say(f"{session.project} is on {session.context.policy.default_plan!r}")
    return 0


SHOW = Command("show", "Say what is set.", _show)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that the commands take for the clone."""
    (tmp_path / "functions").mkdir()
    monkeypatch.setattr(ops_project, "ROOT", tmp_path)
    return tmp_path


def write(clone: Path, name: str, text: str) -> None:
    (clone / "functions" / name).write_text(text)


@pytest.mark.parametrize("text", ["DEFAULT_PLAN=plus # note\n", "export DEFAULT_PLAN = 'plus'#x\n"])
def test_a_command_has_the_settings_that_the_functions_have(
    text: str, ops: Ops, clone: Path, project: str
) -> None:
    write(clone, ".env", text)
    assert ops("show", commands=[SHOW])[1].endswith(f"{project} is on 'plus'\n")


def test_the_environment_wins_over_the_projects_file_and_that_over_all_projects_file(
    ops: Ops, clone: Path, project: str, shell: dict[str, str]
) -> None:
    write(clone, ".env", "DEFAULT_PLAN=one\n")
    write(clone, f".env.{project}", "DEFAULT_PLAN='two'\n")
    write(clone, ".env.local", 'DEFAULT_PLAN="three # 3" # note\n')
    assert ops("show", commands=[SHOW])[1].endswith("is on 'three # 3'\n")
    shell["DEFAULT_PLAN"] = "four"
    assert ops("show", commands=[SHOW])[1].endswith("is on 'four'\n")


def test_a_command_refuses_the_file_that_a_deployment_refuses(ops: Ops, clone: Path) -> None:
    write(clone, ".env", "default_plan=plus\n")
    code, out, err = ops("show", commands=[SHOW])
    assert (code, out) == (2, "")
    assert err.startswith("functions/.env: default_plan is no name")


def test_a_project_may_be_named_by_its_alias(ops: Ops, clone: Path, project: str) -> None:
    (clone / ".firebaserc").write_text(json.dumps({"projects": {"prod": project}}))
    write(clone, ".env", "DEFAULT_PLAN=one\n")
    write(clone, ".env.prod", "DEFAULT_PLAN=two\n")
    out = ops("show", "--project", "prod", commands=[SHOW])[1]
    assert out.endswith(f"{project} is on 'two'\n")


def test_settings_of_an_alias_are_not_passed_over_when_the_id_is_named(
    ops: Ops, clone: Path, project: str
) -> None:
    (clone / ".firebaserc").write_text(json.dumps({"projects": {"prod": project}}))
    write(clone, ".env.prod", "RETENTION_DAYS=365\n")
    code, out, err = ops("show", commands=[SHOW])
    assert (code, out) == (2, "")
    assert "functions/.env.prod is read only if the project is named by its alias" in err
    write(clone, f".env.{project}", "DEFAULT_PLAN=one\n")
    assert ops("show", commands=[SHOW])[0] == 0, "then a deployment by alias is refused as well"


@pytest.fixture
def kept_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the place of the emulators' secrets, beside an example."""
    (tmp_path / "example").write_text("KEY=shipped\nHOOK=whsec_shipped # note\n")
    monkeypatch.setattr(secrets, "_EXAMPLE", tmp_path / "example")
    monkeypatch.setattr(secrets, "_LOCAL", tmp_path / ".secret.local")
    return tmp_path / ".secret.local"


def test_secrets_are_read_by_the_same_grammar_and_completed(kept_secrets: Path, cli: Ask) -> None:
    kept_secrets.write_text("export HOOK = 'whsec#1' # mine")
    assert secrets.local_secrets() == {"HOOK": "whsec#1", "KEY": "shipped"}
    assert cli(text=kept_secrets.read_text())["envs"] == {"HOOK": "whsec#1", "KEY": "shipped"}


def test_an_empty_secret_counts_as_missing_as_in_the_emulator(kept_secrets: Path) -> None:
    kept_secrets.write_text("KEY=\nHOOK=''\n")
    assert secrets.local_secrets() == {"HOOK": "whsec_shipped", "KEY": "shipped"}
    assert read_env_file(kept_secrets) == {"HOOK": "whsec_shipped", "KEY": "shipped"}


def test_a_malformed_file_of_secrets_is_refused_and_left_alone(kept_secrets: Path) -> None:
    kept_secrets.write_text("KEY whsec_1\n")
    with pytest.raises(SetupError, match=r"\.secret\.local, line 1: not understood"):
        secrets.local_secrets()
    assert kept_secrets.read_text() == "KEY whsec_1\n"


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("REGION='europe-west1' # near\n", "europe-west1"),
        ("REGION = europe-west1#near\n", "europe-west1"),
        ("#REGION=europe-west1\n", "us-central1"),
        ("", "us-central1"),
    ],
)
def test_the_suite_serves_the_region_that_the_cli_reads(
    text: str, region: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(text)
    assert suite.served_region(tmp_path, "demo-x") == region


def test_the_suite_has_the_projects_and_the_local_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "functions").mkdir()
    write(tmp_path, ".env", "REGION=one")
    write(tmp_path, ".env.demo-x", "REGION=two\nTYPES=song")
    write(tmp_path, ".env.local", 'REGION="three # 3"\nTEST_CLOCK=false')
    served = tmp_path / "served"
    served.mkdir()
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    suite.copy_settings("demo-x", served)
    assert read_settings(served, "demo-x", emulated=True) == {
        "REGION": "three # 3",
        "TYPES": "song",
        "TEST_CLOCK": "true",
        "LIVE_FEED": "named",
    }
    assert suite.served_region(served, "demo-x") == "three # 3"


def test_what_is_shipped_is_understood() -> None:
    assert read_env_file(ROOT / "functions" / ".env")["DEFAULT_PLAN"] == "free"
    assert read_env_file(ROOT / "functions" / ".secret.local.example")["STRIPE_API_KEY"] == "off"
    assert "DEFAULT_PLAN" not in os.environ
