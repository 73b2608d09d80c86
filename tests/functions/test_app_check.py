"""App Check: with ENFORCE_APP_CHECK only a genuine app's token passes, without it none is needed."""

from __future__ import annotations

import base64
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from firebase_admin import app_check

from tests.functions.app import CALLABLES, App
from tests.functions.bad_requests import RIGHT
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from google.cloud.firestore import Client

KEY, OTHER_KEY = (rsa.generate_private_key(65_537, 2048) for _ in range(2))


def _pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(*form, serialization.NoEncryption()).decode()


def _genuine(app: App, key: rsa.RSAPrivateKey = KEY, **claims: Any) -> str:  # noqa: ANN401 - JSON
    fields = {
        "iss": "https://firebaseappcheck.googleapis.com/1234",
        "aud": ["projects/1234", f"projects/{app.project}"],
        "sub": "1:1234:web:5678",
        "exp": int(time.time()) + 3600,
    }
    return jwt.encode(fields | claims, _pem(key), "RS256", {"kid": "key-1", "typ": "JWT"})


@pytest.fixture(scope="module", autouse=True)
def keys_of_app_check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Publish the keys that App Check signs with, here instead of at Google."""
    number = KEY.public_key().public_numbers().n.to_bytes(256, "big")
    n = base64.urlsafe_b64encode(number).rstrip(b"=").decode()
    published = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "key-1", "n": n, "e": "AQAB"}

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [published]}).encode())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Keys) as server, pytest.MonkeyPatch.context() as patch:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        patch.setattr(app_check._AppCheckService, "_JWKS_URL", url)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(_robot(tmp_path_factory.mktemp("key"))))
        yield
        server.shutdown()


def _robot(folder: Path) -> Path:
    """Write a service account's key: the admin SDK insists on one before it checks a token."""
    robot = {
        "type": "service_account",
        "client_email": "robot@demo.example",
        "private_key": _pem(KEY),
        "token_uri": "https://demo.example/token",
    }
    file = folder / "robot.json"
    file.write_text(json.dumps(robot))
    return file


@pytest.mark.parametrize("function", CALLABLES)
def test_enforced_without_a_token_nothing_passes(
    app: App, db: Client, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    monkeypatch.setenv("ENFORCE_APP_CHECK", "true")
    before = contents(db)
    details_of(app.call(function, RIGHT[function]), "app-not-verified")
    signed_out = app.call(function, RIGHT[function], headers={"Authorization": None})
    details_of(signed_out, "app-not-verified")
    assert contents(db) == before


def test_enforced_a_genuine_apps_token_passes(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENFORCE_APP_CHECK", "true")
    headers = {"X-Firebase-AppCheck": _genuine(app)}
    assert app.call("check_limit", {}, headers=headers).result["canGenerate"] is True


@pytest.mark.parametrize("wrong", ["garbage", "signed with another key", "expired", "another's"])
def test_enforced_any_other_token_is_none(
    app: App, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("ENFORCE_APP_CHECK", "true")
    tokens = {
        "garbage": "fox",
        "signed with another key": _genuine(app, OTHER_KEY),
        "expired": _genuine(app, exp=int(time.time()) - 1),
        "another's": _genuine(app, aud=["projects/another"]),
    }
    answer = app.call("check_limit", {}, headers={"X-Firebase-AppCheck": tokens[wrong]})
    details_of(answer, "app-not-verified")


def test_not_enforced_no_token_is_needed_and_a_wrong_one_does_no_harm(app: App) -> None:
    assert app.ask("check_limit")["canGenerate"] is True
    answer = app.call("check_limit", {}, headers={"X-Firebase-AppCheck": "fox"})
    assert answer.result["canGenerate"] is True
