"""NOTICES=push: what Firebase Cloud Messaging is sent, and that nobody waits for it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from genquota.triggers.push import delivery as push
from tests.functions.app import order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

    from tests.functions.app import App
    from tests.functions.captured_logs import CapturedLogs

GONE = {
    "error": {
        "code": 404,
        "status": "NOT_FOUND",
        "message": "Requested entity was not found.",
        "details": [
            {
                "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
                "errorCode": "UNREGISTERED",
            }
        ],
    }
}


@dataclass
class Fcm:
    """A server that speaks as much of FCM's protocol (HTTP v1) as sending needs."""

    port: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    slow_seconds: float = 0
    status: int = 200


@contextmanager
def fcm_server() -> Iterator[Fcm]:
    fcm = Fcm()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
            time.sleep(fcm.slow_seconds)
            fcm.paths.add(self.path)
            fcm.sent.append(message)
            is_gone = message["token"].startswith("gone")
            body = GONE if is_gone else {"name": "projects/p/messages/1"}
            self.send_response(404 if is_gone else fcm.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body if fcm.status == 200 else {}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fcm.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield fcm
    server.shutdown()
    server.server_close()


@pytest.fixture
def fcm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fcm]:
    """Give a stand-in for FCM, with push turned on."""
    with fcm_server() as server:
        monkeypatch.setenv("NOTICES", "push")
        monkeypatch.setenv("FCM_EMULATOR_HOST", f"127.0.0.1:{server.port}")
        monkeypatch.setattr(push, "PATIENCE_SECONDS", 30)  # on a busy machine
        yield server


def use_up(app: App, count: int = 8) -> float:
    """Generate, and return how many seconds the report took."""
    made = app.ask("create_generation", **order(f"k{count}", count=count))["generationId"]
    url, begun = "https://cdn.example.com/1.png", time.monotonic()
    app.ask("update_generation", generationId=made, generationStatus="success", imageUrl=url)
    return time.monotonic() - begun


def devices(db: Client, app: App) -> int:
    return len(list(db.collection(f"users/{app.uid}/devices").stream()))


def test_a_registered_device_is_told_in_its_language(app: App, fcm: Fcm) -> None:
    """F3"""
    registered = app.ask("register_device", token="phone", platform="ios", locale="de-DE")
    assert registered == {"deviceId": registered["deviceId"], "registered": True}
    app.ask("register_device", token="tablet", platform="android")
    use_up(app)
    assert fcm.paths == {f"/v1/projects/{app.project}/messages:send"}
    by_token = {message["token"]: message for message in fcm.sent}
    assert by_token["phone"]["notification"] == {
        "title": "Fast aufgebraucht",
        "body": "8 von 10 Credits verbraucht (Zeitraum).",
    }
    assert by_token["tablet"]["notification"] == {
        "title": "Almost used up",
        "body": "8 of 10 credits used (period).",
    }
    data = by_token["tablet"]["data"]
    assert {key: data[key] for key in ("key", "kind", "window", "type", "limit", "used")} == {
        "key": "limit-80",
        "kind": "limit",
        "window": "period",
        "type": "",
        "limit": "10",
        "used": "8",
    }
    use_up(app, 2)
    assert [message["data"]["key"] for message in fcm.sent].count("limit-100") == 2


def test_a_device_that_fcm_does_not_know_any_more_is_forgotten(
    app: App, db: Client, fcm: Fcm
) -> None:
    app.ask("register_device", token=f"gone-{app.uid}", platform="web")
    assert devices(db, app) == 1
    use_up(app)
    assert len(fcm.sent) == 1
    assert devices(db, app) == 0


def test_who_has_unregistered_is_told_nothing(app: App, db: Client, fcm: Fcm) -> None:
    app.ask("register_device", token=f"phone-{app.uid}", platform="ios")
    left = app.ask("register_device", token=f"phone-{app.uid}", remove=True)
    assert left["registered"] is False
    use_up(app)
    assert (devices(db, app), fcm.sent) == (0, [])


def test_a_device_that_is_lost_is_removed_by_its_id(app: App, db: Client, fcm: Fcm) -> None:
    lost = app.ask("register_device", token=f"lost-{app.uid}", platform="ios")["deviceId"]
    for wrong in ({"deviceId": lost}, {"deviceId": lost, "platform": "ios"}, {"remove": True}):
        assert app.call("register_device", wrong).reason == "invalid-argument"
    both = {"deviceId": lost, "token": f"lost-{app.uid}", "remove": True}
    assert app.call("register_device", both).reason == "invalid-argument"
    app.of(f"{app.uid}-other").ask("register_device", deviceId=lost, remove=True)
    assert devices(db, app) == 1, "another user's is not theirs to remove"
    assert app.ask("register_device", deviceId=lost, remove=True) == {
        "deviceId": lost,
        "registered": False,
    }
    use_up(app)
    assert (devices(db, app), fcm.sent) == (0, [])


def test_slow_sends_hold_up_nobody_for_long_and_when_all_are_stuck_not_at_all(
    app: App, db: Client, fcm: Fcm, captured_logs: CapturedLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(push, "_free", threading.BoundedSemaphore(1))
    fcm.slow_seconds = 3
    app.ask("register_device", token=f"phone-{app.uid}", platform="ios")
    assert use_up(app) < 3
    assert fcm.sent == [], "it is still being sent"
    use_up(app, 2)
    assert captured_logs.text.count("notices of 1 users were not sent in time: TimeoutError") == 2
    assert f"phone-{app.uid}" not in captured_logs.text
    assert len(list(db.collection(f"users/{app.uid}/notices").stream())) == 2, "kept all the same"
    give_up_at = time.monotonic() + 30
    while not fcm.sent and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert [message["data"]["key"] for message in fcm.sent] == ["limit-80"]


@pytest.mark.parametrize("trouble", ["refused", "denied"])
def test_a_failing_send_fails_no_generation(
    app: App, db: Client, fcm: Fcm, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trouble == "refused":
        monkeypatch.setenv("FCM_EMULATOR_HOST", "127.0.0.1:9")
    fcm.status = 403
    app.ask("register_device", token=f"phone-{app.uid}", platform="ios")
    use_up(app)
    assert app.ask("get_usage")["used"] == 8
    assert devices(db, app) == 1


@pytest.mark.parametrize("setting", ["stored", "off"])
def test_unless_told_so_nothing_is_sent(
    app: App, db: Client, fcm: Fcm, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTICES", setting)
    app.ask("register_device", token=f"phone-{app.uid}", platform="ios")
    use_up(app)
    assert fcm.sent == []
    kept = len(list(db.collection(f"users/{app.uid}/notices").stream()))
    assert kept == (1 if setting == "stored" else 0)


def test_the_stand_in_is_for_emulators_only(fcm: Fcm, monkeypatch: pytest.MonkeyPatch) -> None:
    from genquota import settings  # noqa: PLC0415

    assert settings.fcm_emulator() == f"127.0.0.1:{fcm.port}"
    monkeypatch.setenv("GCLOUD_PROJECT", "genquota-live")
    assert settings.fcm_emulator() is None
