"""NOTICES=push: a send has an end, whatever the server does, and is nobody else's trouble."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.compute_engine import _metadata

from dev.setup import ROOT
from genquota.domain.enums import Window
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.notices import Notice, NoticeKind
from genquota.triggers.push import delivery as push
from genquota.triggers.push import fcm
from genquota.triggers.push.access_token import AccessToken
from genquota.use_cases.core.push_notices import PushMessage
from tests.functions.faulty_server import STALLS, TROUBLES, FaultyServer, faulty_server
from tests.functions.test_push import use_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from google.cloud.firestore import Client

    from tests.functions.app import App
    from tests.functions.captured_logs import CapturedLogs

MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)
NOTICE = Notice(NoticeKind.LIMIT, LimitUsage(Window.PERIOD, None, MONDAY, MONDAY, 10, 8, 0), 80)
NAME = "genquota-push"


@pytest.fixture
def server(project: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    """Give a server that stands for FCM, with push turned on as in a deployment."""
    assert project
    with faulty_server() as state:
        monkeypatch.setenv("NOTICES", "push")
        monkeypatch.setenv("FCM_EMULATOR_HOST", f"127.0.0.1:{state.port}")
        yield state
    ended_within(10)


def under_way() -> int:
    return sum(thread.name == NAME for thread in threading.enumerate())


def ended_within(seconds: float) -> bool:
    """Wait until nothing is being sent any more; tell whether that came in time."""
    give_up_at = time.monotonic() + seconds
    while under_way() and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return not under_way()


def with_device(app: App, uid: str, token: str) -> App:
    user = app.of(f"{app.uid}-{uid}")
    user.ask("register_device", token=f"{token}/{user.uid}", platform="ios")
    return user


@pytest.mark.parametrize("trouble", [*TROUBLES, *STALLS])
def test_trouble_with_the_pushes_of_some_holds_up_nobody_elses(
    trouble: str, app: App, server: FaultyServer
) -> None:
    unlucky = [with_device(app, f"unlucky-{number}", trouble) for number in range(5)]
    lucky = with_device(app, "lucky", "phone")
    waited = [use_up(user) for user in unlucky]
    begun = time.monotonic()
    assert use_up(lucky) < 1.5
    assert server.received[-1] == f"phone/{lucky.uid}"
    assert max(waited) < 2.5, "a second of patience, and the call itself"
    assert ended_within(6.0)
    assert time.monotonic() - begun < 6.0
    assert len(server.received) == 6, "each was sent once"


@pytest.mark.parametrize("trouble", STALLS)
def test_one_device_that_hangs_holds_up_no_other_of_the_same_push(
    trouble: str, server: FaultyServer
) -> None:
    messages = [PushMessage(f"{trouble}/{number}", None, NOTICE) for number in range(20)]
    messages += [PushMessage(f"phone/{number}", None, NOTICE) for number in range(40)]
    begun = time.monotonic()
    assert fcm.send_messages(messages, begun + 5) == [True] * 60
    assert time.monotonic() - begun < 4.0
    assert sum(token.startswith("phone") for token in server.received) == 40


def test_what_is_late_is_not_sent(server: FaultyServer, captured_logs: CapturedLogs) -> None:
    server.seconds = 1.0
    messages = [PushMessage(f"phone/{number}", None, NOTICE) for number in range(60)]
    begun = time.monotonic()
    assert fcm.send_messages(messages, begun + 1.9) == [True] * 60
    assert time.monotonic() - begun < 4.0
    assert len(server.received) == 40, "twenty at once, for 1.9 s"
    assert "40 notices were not taken: TimeoutError" in captured_logs.text
    with pytest.raises(TimeoutError):
        fcm.send_messages(messages, time.monotonic())
    assert len(server.received) == 40


@pytest.mark.parametrize("trouble", ["429-in-6-h", "silent"])
def test_what_was_not_taken_is_told_without_its_token(
    trouble: str, app: App, server: FaultyServer, captured_logs: CapturedLogs
) -> None:
    use_up(with_device(app, "unlucky", trouble))
    assert ended_within(6.0)
    why = {"silent": "TimeoutError"}.get(trouble, "HTTP 429")
    assert f"1 notices were not taken: {why}" in captured_logs.text
    assert "unlucky" not in captured_logs.text
    assert len(server.received) == 1


@pytest.fixture
def signs_in(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> FaultyServer:
    """Let the server be FCM of a real project, which asks for an access token."""
    monkeypatch.setattr(fcm, "_FCM", f"http://127.0.0.1:{server.port}")
    monkeypatch.setattr(fcm, "_access_token", AccessToken())
    monkeypatch.setattr("genquota.settings.fcm_emulator", lambda: None)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    return server


def service_account(server: FaultyServer, folder: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "key.json"
    about = {
        "type": "service_account",
        "project_id": "shop",
        "client_email": "robot@shop.iam.gserviceaccount.com",
        "private_key": pem.decode(),
        "token_uri": f"http://127.0.0.1:{server.port}/token",
    }
    path.write_text(json.dumps(about))
    return path


@pytest.fixture(params=["a key", "the instance"])
def identity(
    request: pytest.FixtureRequest,
    signs_in: FaultyServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """Let the access token come from a service account's key, or from the metadata server."""
    if request.param == "a key":
        path = service_account(signs_in, tmp_path)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    else:
        address = f"127.0.0.1:{signs_in.port}"
        monkeypatch.setenv("GCE_METADATA_IP", address)
        monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", address)  # was read on import
        monkeypatch.setattr("google.auth._cloud_sdk.get_project_id", lambda: None)
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    return str(request.param)


def test_a_push_is_sent_in_the_name_of_the_service_account(
    identity: str, app: App, signs_in: FaultyServer
) -> None:
    assert identity
    user = with_device(app, "lucky", "phone")
    use_up(user)
    use_up(user, 2)
    assert ended_within(6.0)
    assert signs_in.authorizations == ["Bearer access-1", "Bearer access-1"]
    signs_in.refuses = "Bearer access-1"
    use_up(with_device(app, "third", "phone"))
    use_up(with_device(app, "fourth", "phone"))
    assert ended_within(6.0)
    assert signs_in.authorizations[2:] == ["Bearer access-1", "Bearer access-2"]


@pytest.mark.parametrize("trouble", ["503-in-3-s", *STALLS])
def test_a_token_server_in_trouble_holds_up_no_call_and_no_push_for_long(
    identity: str, trouble: str, app: App, signs_in: FaultyServer
) -> None:
    assert identity
    signs_in.token_trouble = trouble
    waited = [use_up(with_device(app, f"user-{number}", "phone")) for number in range(3)]
    assert max(waited) < 2.5
    assert ended_within(10.0)
    assert signs_in.received == []
    signs_in.token_trouble = None
    assert use_up(with_device(app, "lucky", "phone")) < 2.5
    assert ended_within(6.0)
    assert signs_in.authorizations == ["Bearer access-1"]


def test_an_instance_that_ends_waits_for_no_push(
    app: App, db: Client, server: FaultyServer, tmp_path: Path
) -> None:
    user = with_device(app, "unlucky", "drips-its-body")
    (device,) = db.collection(f"users/{user.uid}/devices").stream()
    script = tmp_path / "instance.py"
    script.write_text(
        "import time\n"
        "from datetime import UTC, datetime\n"
        "from google.cloud import firestore\n"
        "from genquota.domain.quota.notices import Notice, NoticeKind\n"
        "from genquota.domain.quota.allocation import LimitUsage\n"
        "from genquota.domain.enums import Window\n"
        "from genquota.triggers.push import fcm\n"
        "from genquota.triggers.push.delivery import push\n"
        "from genquota.use_cases.core.push_notices import UserNotices\n"
        "at = datetime(2027, 3, 15, 9, tzinfo=UTC)\n"
        "usage = LimitUsage(Window.PERIOD, None, at, at, 10, 8, 0)\n"
        "notice = Notice(NoticeKind.LIMIT, usage, 80)\n"
        f"out = UserNotices({user.uid!r}, ({device.id!r},), (notice,))\n"
        f"db = firestore.Client(project={app.project!r})\n"
        "db.document('first/words').get()\n"
        "push(db, [out])\n"
        "print(time.time(), flush=True)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "functions")}
    done = subprocess.run(
        [sys.executable, script], check=True, capture_output=True, text=True, env=env, timeout=60
    )
    assert time.time() - float(done.stdout) < 2.0
    assert len(server.received) == 1, "it was being sent"


def test_an_instance_sends_no_more_at_once_than_it_may(
    app: App, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert push.MOST_SENDS == 32
    monkeypatch.setattr(push, "_free", threading.BoundedSemaphore(2))
    monkeypatch.setattr(push, "PATIENCE_SECONDS", 0.1)
    for user in [with_device(app, f"unlucky-{number}", "silent") for number in range(3)]:
        use_up(user)
    assert under_way() == 2
    assert ended_within(6.0)
    assert use_up(with_device(app, "lucky", "phone")) < 1.5
    assert ended_within(6.0)
    assert [token.partition("/")[0] for token in server.received] == ["silent", "silent", "phone"]
