"""Each function runs alone, with three variables set and nothing else (contract, section 6)."""

from __future__ import annotations

import json
import secrets
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.functions.app import CALLABLES, SCHEDULES, WEBHOOKS, order
from tests.functions.bad_requests import RIGHT
from tests.functions.error_table import details_of
from tests.functions.servers import Server, served
from tests.functions.tokens import id_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from google.cloud.firestore import Client

MOST = 128 * 1024
JSON = "application/json"


@pytest.fixture(scope="module")
def env(firestore_host: str, project: str) -> dict[str, str]:
    return {
        "FIRESTORE_EMULATOR_HOST": firestore_host,
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9",
        "GCLOUD_PROJECT": project,
    }


@pytest.fixture(scope="module")
def servers(
    env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Server]]:
    """Start all functions at once: they share the machine, not the wait."""
    logs = tmp_path_factory.mktemp("alone")
    with ExitStack() as running:
        started = {
            function: running.enter_context(served(function, env, logs / f"{function}.log"))
            for function in (*CALLABLES, *SCHEDULES, *WEBHOOKS)
        }
        for server in started.values():
            server.wait()
        yield started
        for server in started.values():  # all end at once, too
            assert server.process.stdin
            server.process.stdin.close()


@pytest.fixture
def token(project: str) -> str:
    return id_token(project, f"user-{secrets.token_hex(6)}")


def test_a_generation_passes_through_functions_that_run_alone(
    servers: dict[str, Server], token: str
) -> None:
    assert servers["check_limit"].call({}, token).result["remaining"] == 10
    opened = servers["create_generation"].call(order(), token).result
    report = {**RIGHT["update_generation"], "generationId": opened["generationId"]}
    assert servers["update_generation"].call(report, token).result["charged"] == 1
    one = {"generationId": opened["generationId"]}
    assert servers["delete_generation"].call(one, token).result == one
    profile = servers["update_profile"].call({"displayName": "Ann"}, token).result
    assert profile["displayName"] == "Ann"
    usage = servers["get_usage"].call({}, token).result
    assert (usage["used"], usage["stats"]["success"]) == (1, 1)


@pytest.mark.parametrize("function", SCHEDULES)
def test_a_scheduled_function_runs_alone(servers: dict[str, Server], function: str) -> None:
    answer = servers[function].send("POST", b"", {"X-CloudScheduler": "true"})
    assert (answer.http, answer.text) == (200, "")


@pytest.mark.parametrize("function", WEBHOOKS)
def test_a_webhook_runs_alone_and_without_its_secret_refuses_everything(
    servers: dict[str, Server], function: str
) -> None:
    answer = servers[function].send("POST", b"{}", {"Stripe-Signature": "t=1,v1=0"})
    assert (answer.http, answer.text) == (401, "{}\n")
    assert servers[function].send("GET", None, {}).http == 405


def test_a_chunked_body_without_length_is_understood(
    servers: dict[str, Server], token: str
) -> None:
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {token}"}
    pieces = [b'{"da', b'ta": {', b'"count": 3}}']
    answer = servers["check_limit"].send("POST", pieces, headers)
    assert answer.result["creditsNeeded"] == 3


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_the_largest_body_is_understood_and_one_byte_more_is_not(
    servers: dict[str, Server], token: str, *, chunked: bool
) -> None:
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {token}"}
    fits, too_large = b'{"data": {}}'.ljust(MOST), b'{"data": {}}'.ljust(MOST + 1)
    huge = b'{"data": {}}'.ljust(3 * 2**20)
    for body, http in ((fits, 200), (too_large, 400), (huge, 400), (fits, 200)):
        pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
        answer = servers["check_limit"].send("POST", pieces if chunked else body, headers)
        assert answer.http == http
        if http == 400:
            fields = details_of(answer, "invalid-argument")["fields"]
            assert fields == [{"path": "", "message": "the body is larger than 131072 bytes"}]


def test_a_compressed_body_is_refused(servers: dict[str, Server], token: str) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip", "Authorization": f"Bearer {token}"}
    answer = servers["check_limit"].send("POST", b"\x1f\x8b\x08\0\0\0\0\0", headers)
    details_of(answer, "invalid-argument")


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_other_methods_are_refused(servers: dict[str, Server], method: str) -> None:
    answer = servers["check_limit"].send(method, None, {})
    assert answer.http == 400
    if method != "HEAD":
        details_of(answer, "invalid-argument")


def test_twenty_first_requests_at_once_at_a_cold_start_share_one_limit(
    env: dict[str, str], project: str, db: Client, tmp_path: Path
) -> None:
    uid = f"user-{secrets.token_hex(6)}"
    cold = {**env, "THREADS": "80"}
    with served("create_generation", cold, tmp_path / "log") as server:
        server.wait()
        with ThreadPoolExecutor(20) as crowd:
            answers = list(
                crowd.map(
                    lambda n: server.call(order(f"key-{n}"), id_token(project, uid)), range(20)
                )
            )
    outcomes = sorted("ok" if answer.http == 200 else answer.reason for answer in answers)
    assert outcomes == ["ok"] * 10 + ["quota-exceeded"] * 10
    user = db.document(f"users/{uid}").get().to_dict() or {}
    assert user["usage"]["windows"][1]["reserved"] == 10


def test_the_first_answer_does_not_wait_for_a_cloud_that_is_not_there(
    env: dict[str, str], token: str, tmp_path: Path
) -> None:
    with socket.socket() as silence:
        silence.bind(("127.0.0.1", 0))
        silence.listen()
        metadata = f"127.0.0.1:{silence.getsockname()[1]}"
        nowhere = {**env, "GCE_METADATA_HOST": metadata, "GCE_METADATA_IP": metadata}
        with served("check_limit", nowhere, tmp_path / "log") as server:
            server.wait()
            began = time.monotonic()
            assert server.call({}, token).result["remaining"] == 10
            assert time.monotonic() - began < 8


def test_it_runs_alone_in_debug_mode_too(env: dict[str, str], token: str, tmp_path: Path) -> None:
    with served("check_limit", env, tmp_path / "log", "--debug") as server:
        server.wait()
        assert server.call({}, token).result["remaining"] == 10
        headers = {"Content-Type": JSON, "Authorization": f"Bearer {token}"}
        pieces = [json.dumps({"data": {"count": 2}}).encode()]
        assert server.send("POST", pieces, headers).result["creditsNeeded"] == 2
        huge = server.send("POST", b"x" * (2 * 2**20), headers)
        details_of(huge, "invalid-argument")
