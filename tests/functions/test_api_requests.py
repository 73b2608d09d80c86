"""Requests that the API meets before any route does: paths, methods, bodies, browsers, and the log."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest

from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App
    from tests.functions.captured_logs import CapturedLogs

PAGE = "https://dashboard.example"


@pytest.fixture
def service(deployment: App, db: Client) -> App:
    uid = f"service-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "service"})
    return deployment.of(uid)


def test_paths_work_with_and_without_the_prefix(app: App) -> None:
    assert app.get("/api/plans") == app.get("/plans")


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/", "/api/nothing", "/apiplans", "/api/api/plans", "/api/plans/"]
)
def test_a_route_that_is_not_there_is_not_found(app: App, path: str) -> None:
    details_of(app.api("GET", path), "not-found")
    details_of(app.api("GET", path, Authorization=None), "not-found")


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "TRACE"])
def test_a_method_that_is_not_there_is_told_which_are(app: App, method: str) -> None:
    answer = app.api(method, "/api/plans")
    assert (answer.http, answer.reason) == (405, "invalid-argument")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"5", b'"x"', b"null", b"\xff", b"[" * 100_000, b'{"colour": "red"}'],
)
def test_a_body_that_is_not_understood_is_refused(
    app: App, service: App, db: Client, body: bytes
) -> None:
    app.ask("check_limit")
    before = contents(db)
    path = f"/api/usage-tracking/track-generation/{app.uid}"
    details_of(service.send("api", body, path=path), "invalid-argument")
    assert contents(db) == before


def test_the_largest_body_is_read_and_a_larger_one_refused(app: App, service: App) -> None:
    app.ask("check_limit")
    path = f"/api/usage-tracking/track-generation/{app.uid}"
    body = json.dumps({"promptText": "x"}).encode()
    assert service.send("api", body.ljust(128 * 1024), path=path).json["charged"] == 1
    fields = details_of(
        service.send("api", body.ljust(128 * 1024 + 1), path=path), "invalid-argument"
    )
    assert fields["fields"] == [{"path": "", "message": "the body is larger than 131072 bytes"}]


def test_a_body_of_another_kind_is_refused(app: App, service: App) -> None:
    path = f"/api/usage-tracking/track-generation/{app.uid}"
    headers = {"Content-Type": "text/plain"}
    details_of(service.send("api", b"{}", path=path, headers=headers), "invalid-argument")


def test_browsers_may_read_everything_and_are_told_so_first(app: App) -> None:
    asked = {"Origin": PAGE, "Access_Control_Request_Method": "PUT"}
    asked |= {"Access_Control_Request_Headers": "authorization,content-type"}
    preflight = app.api("OPTIONS", "/api/users/ada/plan", None, Authorization=None, **asked)
    assert preflight.http == 200
    assert preflight.headers["Access-Control-Allow-Origin"] in ("*", PAGE)
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    for path in ("/api/plans", "/api/nothing", "/api/users"):
        answer = app.api("GET", path, None, Origin=PAGE)
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", PAGE)
        assert answer.headers["Access-Control-Expose-Headers"] == "Link"
        assert answer.headers["Cache-Control"] == "no-store"


def test_each_request_is_one_line_that_names_the_route_and_nobody(
    app: App, captured_logs: CapturedLogs
) -> None:
    app.api("GET", f"/api/usage-tracking/limits/{app.uid}")
    app.api("GET", "/api/users/somebody-else?email=ann@secret.example")
    app.api("GET", "/api/a-secret-path")
    logged = [(line["verb"], line["reason"]) for line in captured_logs.lines]
    assert logged == [
        ("GET /api/usage-tracking/limits/{userId}", "ok"),
        ("GET /api/users/{userId}", "invalid-argument"),
        ("no route", "not-found"),
    ]
    for secret in (app.uid, "somebody-else", "secret", app.token()[:20]):
        assert secret not in captured_logs.text


def test_what_nobody_foresaw_is_found_under_its_id(
    app: App, db: Client, captured_logs: CapturedLogs
) -> None:
    db.document(f"users/{app.uid}").set({"quota": {"windows": "{", "holds": {}}})
    answer = app.api("GET", f"/api/usage-tracking/limits/{app.uid}")
    request_id = details_of(answer, "internal")["requestId"]
    assert [line["id"] for line in captured_logs.lines] == [request_id] * 2


def test_pages_are_told_what_there_is_to_show(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TYPES", "song")
    monkeypatch.setenv("LIVE_FEED", "named")
    monkeypatch.setenv("ANALYTICS", "public")
    assert app.api("GET", "/api/settings", Authorization=None).json == {
        "types": ["audio", "image", "song", "video"],
        "liveFeed": "named",
        "feedHours": 24,
        "analytics": "public",
        "timezone": "UTC",
    }


def test_health_says_that_the_store_answers(app: App) -> None:
    health = app.api("GET", "/api/health", Authorization=None).json
    assert (health["status"], health["version"]) == ("ok", "0.1.0")
    assert 0 < health["storeMs"] < 60_000
