"""An app and its way to the functions: whole requests in, whole answers out, no server between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from functions_framework import create_app

from dev.setup import ROOT
from genquota.billing.registry import PROVIDERS
from genquota.use_cases.jobs.job_table import JOBS
from tests.functions.tokens import id_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import Client

CALLABLES = (
    "check_limit",
    "create_generation",
    "update_generation",
    "get_usage",
    "delete_generation",
    "update_profile",
    "register_device",
    "export_my_data",
    "delete_my_data",
)
HTTP = ("api",)
WEBHOOKS = tuple(provider.webhook for provider in PROVIDERS)
SWEEPS = ("expire_generations", "reset_periods")
SCHEDULES = tuple(JOBS)
MAIN = ROOT / "functions" / "main.py"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    http: int
    text: str
    headers: Mapping[str, str]

    @property
    def result(self) -> Any:  # noqa: ANN401 - JSON
        assert self.http == 200, self.text
        body = json.loads(self.text)
        assert body.keys() == {"result"}
        return body["result"]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """What the HTTP API answered; it must not have refused."""
        assert self.http == 200, self.text
        return json.loads(self.text)

    @property
    def error(self) -> Any:  # noqa: ANN401 - JSON
        assert self.http != 200, self.text
        body = json.loads(self.text)
        assert body.keys() == {"error"}
        return body["error"]

    @property
    def reason(self) -> str:
        return str(self.error["details"]["reason"])


@dataclass(frozen=True, slots=True)
class App:
    """A signed-in client of one project's functions."""

    project: str
    uid: str
    clients: dict[str, Client] = field(default_factory=dict)

    def of(self, uid: str) -> App:
        """Return the same app with another user signed in."""
        return replace(self, uid=uid)

    def call(self, function: str, data: object, **how: Any) -> Answer:  # noqa: ANN401
        """Call a function as Firebase's client libraries do."""
        return self.send(function, json.dumps({"data": data}), **how)

    def ask(self, function: str, **data: Any) -> Any:  # noqa: ANN401 - JSON
        """Call a function and return its result; it must not refuse."""
        return self.call(function, data).result

    def send(
        self,
        function: str,
        body: str | bytes = b"",
        *,
        method: str = "POST",
        path: str = "/",
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Send any request; a header given as None is left out."""
        usual = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token()}"}
        sent = {name: text for name, text in {**usual, **(headers or {})}.items() if text}
        answer = self.client_of(function).open(path, method=method, data=body, headers=sent)
        return Answer(answer.status_code, answer.get_data(as_text=True), dict(answer.headers))

    def api(self, method: str, path: str, body: object = None, **headers: str | None) -> Answer:
        """Call the HTTP API; a header given as None is left out."""
        sent = b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.send("api", sent, method=method, path=path, headers=named)

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Get something from the HTTP API; it must not refuse."""
        return self.api("GET", path).json

    def token(self, **claims: Any) -> str:  # noqa: ANN401 - claims are JSON
        return id_token(self.project, self.uid, **claims)

    def client_of(self, function: str) -> Client:
        """Return a client of the function, started as the runtime would start it."""
        if function not in self.clients:
            self.clients[function] = create_app(function, str(MAIN)).test_client()  # type: ignore[no-untyped-call]
        return self.clients[function]


def order(key: str = "key-1", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a request of `create_generation`: the four fields it needs, and others if named."""
    needed = {
        "idempotencyKey": key,
        "type": "image",
        "promptId": "prompt-1",
        "promptText": "a fox in the snow",
    }
    return needed | fields
