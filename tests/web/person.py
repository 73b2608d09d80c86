"""Somebody with an account, who also has the app: what they generate, the pages show."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from dev.suite import Suite

Json = dict[str, Any]
PASSWORD = "genquota-demo"


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the Auth emulator, and its token."""

    suite: Suite
    email: str
    uid: str
    token: str = field(repr=False)

    def call(self, function: str, **request: object) -> Json:
        """Call a callable function as the app does."""
        suite = self.suite
        url = f"http://{suite.host('functions')}/{suite.project}/{suite.region}/{function}"
        answer: Json = _post(url, {"data": request}, self.token)["result"]
        return answer

    def send(self, method: str, path: str, **body: object) -> None:
        """Let the API do something, as a server of the operators' does."""
        url = f"http://{self.suite.host('hosting')}/api{path}"
        headers = {"authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, url, json=body, headers=headers, timeout=60)
        assert answer.is_success, answer.text

    def begin(self, prompt: str, **more: object) -> str:
        """Open a generation; return its id."""
        wish = {"idempotencyKey": secrets.token_hex(8), "promptId": "p1", "type": "image"}
        opened = self.call("create_generation", **{**wish, "promptText": prompt, **more})
        return str(opened["generationId"])

    def succeed(self, generation_id: str, url: str = "https://images.example.com/1.png") -> None:
        self._report(generation_id, "success", imageUrl=url)

    def fail(self, generation_id: str, why: str) -> None:
        self._report(generation_id, "failed", errorMessage=why)

    def _report(self, generation_id: str, status: str, **more: object) -> None:
        report = {"generationId": generation_id, "generationStatus": status}
        self.call("update_generation", **report, **more)


def sign_up(suite: Suite, email: str) -> Person:
    return _account(suite, "signUp", email)


def sign_in(suite: Suite, email: str) -> Person:
    return _account(suite, "signInWithPassword", email)


def _account(suite: Suite, verb: str, email: str) -> Person:
    accounts = f"http://{suite.host('auth')}/identitytoolkit.googleapis.com/v1/accounts"
    body = {"email": email, "password": PASSWORD, "returnSecureToken": True}
    answer = _post(f"{accounts}:{verb}?key=any", body)
    return Person(suite, email, answer["localId"], answer["idToken"])


def _post(url: str, body: Json, token: str = "") -> Json:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(url, json=body, headers=headers, timeout=60)
    assert answer.is_success, answer.text
    fields: Json = answer.json()
    return fields
