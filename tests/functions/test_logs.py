"""What the functions log, as the platform would see it: one line of JSON a request, and no secrets."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dev.setup import ROOT, VENV
from tests.functions.app import Answer, order
from tests.functions.servers import Server, served
from tests.functions.tokens import id_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

PROMPT, EMAIL, TOP, ODD = "a-secret-fox", "ann@secret.example", "top-secret", "odd-secret"

Line = dict[str, Any]


class Story:
    """Requests of all kinds to create_generation, their answers, and what was logged of them."""

    def __init__(self, server: Server, project: str, db: Client) -> None:
        self.uid = f"user-{secrets.token_hex(6)}"
        self.token = id_token(project, self.uid, email=EMAIL, name="Secret Ann")
        expired = id_token(project, self.uid, email=EMAIL, exp=1)
        json_type = {"Content-Type": "application/json"}
        signed_in = {**json_type, "Authorization": f"Bearer {self.token}"}
        wish = order(promptText=PROMPT, negativePrompt=PROMPT, metadata={"note": PROMPT})
        body = json.dumps({"data": wish}).encode()
        extra = json.dumps({"data": wish, "apiKey": TOP, TOP: EMAIL}).encode()
        self.answers = [
            server.call(wish, self.token),
            server.call({**wish, "idempotencyKey": "k2", "count": 10}, self.token),
            server.call({**wish, "promptText": PROMPT + "x" * 8000}, self.token),
            server.call({**wish, f"{ODD}!": PROMPT, "count": PROMPT}, self.token),
            server.send("POST", extra, signed_in),
            server.send("POST", body[:-9], signed_in),
            server.send("POST", json.dumps({TOP: wish}).encode(), signed_in),
            server.send("GET", None, signed_in),
            server.send("POST", body, {**signed_in, "Content-Type": f"text/{TOP}"}),
            server.send("POST", body, json_type),
            server.call(wish, f"{self.token[:-20]}{TOP}"),
            server.call(wish, TOP),
            server.call(wish, expired),
            server.send("POST", body, {**json_type, "Authorization": TOP}),
            server.send("POST", body, {**signed_in, "X-Firebase-AppCheck": TOP}),
        ]
        broken = f"user-{secrets.token_hex(6)}"
        quota = {"windows": '{"a-secret-window": {}}', "holds": {PROMPT: json.dumps({TOP: PROMPT})}}
        db.document(f"users/{broken}").set({"quota": quota, "email": EMAIL})
        self.unforeseen = server.call(wish, id_token(project, broken, email=EMAIL))
        self.answers.append(self.unforeseen)
        self.text = server.log.read_text()
        self.lines: list[Line] = [json.loads(line) for line in self.text.splitlines()]
        self.requests = [line for line in self.lines if "verb" in line]


@pytest.fixture(scope="module", params=["", "true"], ids=["plain", "with execution ids"])
def story(
    request: pytest.FixtureRequest,
    firestore_host: str,
    project: str,
    db: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """Play it as functions-framework runs by itself, and as the platform sets it up."""
    env = {
        "FIRESTORE_EMULATOR_HOST": firestore_host,
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9",
        "GCLOUD_PROJECT": project,
        "LOG_EXECUTION_ID": request.param,
    }
    log = tmp_path_factory.mktemp("logs") / "log"
    with served("create_generation", env, log) as server:
        server.wait()
        yield Story(server, project, db)


def _reason(answer: Answer) -> str:
    return "ok" if answer.http == 200 else answer.reason


def test_lines_of_many_threads_reach_standard_output_whole() -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from genquota.triggers import logs\n"
        "logs.configure()\n"
        "def log(n): logs.log_request('check_limit', 'ok', 0.25, f'r{n}', 'x' * 200)\n"
        "list(ThreadPoolExecutor(16).map(log, range(2000)))"
    )
    command = [str(VENV / "bin" / "python"), "-c", code]
    output = subprocess.check_output(command, cwd=ROOT / "functions", text=True)
    lines = [json.loads(line) for line in output.splitlines()]
    assert {line["id"] for line in lines} == {f"r{number}" for number in range(2000)}
    assert lines[0].keys() == {
        *("severity", "message", "verb", "reason", "ms", "id", "generationStatus")
    }


def test_every_request_is_one_line_with_verb_reason_duration_and_id(story: Story) -> None:
    assert len(story.requests) == len(story.answers) == 16
    assert [line["reason"] for line in story.requests] == [_reason(each) for each in story.answers]
    for line in story.requests:
        fields = {"severity", "message", "verb", "reason", "ms", "id"}
        if line["reason"] == "ok":
            assert line.pop("generationStatus") == "pending"
        assert line.keys() == fields
        assert line["verb"] == "create_generation"
        assert line["message"] == f"create_generation {line['reason']}"
        assert 0 < line["ms"] < 60_000
    assert len({line["id"] for line in story.requests}) == 16


def test_only_what_nobody_foresaw_is_an_error(story: Story) -> None:
    by_reason = {line["reason"]: line["severity"] for line in story.requests}
    assert by_reason == {
        "ok": "INFO",
        "quota-exceeded": "INFO",
        "invalid-argument": "INFO",
        "not-signed-in": "INFO",
        "internal": "ERROR",
    }


def test_nothing_is_logged_beside_genquotas_own_lines(story: Story) -> None:
    others = [line for line in story.lines if "verb" not in line]
    assert [line["message"] for line in others] == ["request failed: KeyError"]


def test_what_nobody_foresaw_is_found_under_the_request_id_of_the_answer(story: Story) -> None:
    details = story.unforeseen.error["details"]
    assert story.unforeseen.http == 500
    (line,) = (line for line in story.lines if "exception" in line)
    assert line["id"] == story.requests[-1]["id"] == details["requestId"]
    assert line["severity"] == "ERROR"
    assert re.match(r"builtins\.\w+Error\n  File ", line["exception"])
    assert "genquota/store/" in line["exception"]
    assert "Traceback" not in story.unforeseen.text
    assert "genquota/" not in story.unforeseen.text


@pytest.mark.parametrize("place", ["log", "answers"])
def test_no_secret_is_logged_or_answered(story: Story, place: str) -> None:
    texts = story.text if place == "log" else "".join(each.text for each in story.answers)
    parts_of_token = story.token[:25], story.token.split(".")[1][:40], story.token[-30:]
    for secret in (PROMPT, EMAIL, TOP, ODD, "Secret Ann", "a-secret-window", *parts_of_token):
        assert secret not in texts, secret
    if place == "log":
        assert story.uid not in texts
