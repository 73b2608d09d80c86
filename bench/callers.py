"""Callers: HTTP connections that are kept, each with a thread of its own."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.baseline import PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TIMEOUT_SECONDS = 70.0  # of the Android client


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request."""

    seconds: float
    status: int
    raw: bytes
    header: str | None
    """`X-Attempts`"""

    @property
    def body(self) -> dict[str, Any]:
        """Parse the answer; afterwards, for callers share the machine with what they measure."""
        body: dict[str, Any] = json.loads(self.raw) if self.raw.startswith(b"{") else {}
        return body

    @property
    def attempts(self) -> int:
        """Return how often the documents were read, if anybody says."""
        body = self.body
        place = body.get("result") or body.get("error", {}).get("details") or {}
        return int(self.header or place.get("attempts", 1))

    @property
    def reason(self) -> str:
        """Return `ok`, or why not."""
        if self.status == 200:
            result = self.body.get("result") or {}
            return "ok" if result.get("passed", True) else "quota-exceeded"
        return str(self.body.get("error", {}).get("details", {}).get("reason", self.status))


@dataclass(frozen=True, slots=True)
class Call:
    """A request, ready to be sent."""

    headers: dict[str, str]
    body: bytes = b""
    method: str = "POST"
    path: str = "/"

    @classmethod
    def get(cls, project: str, uid: str, path: str) -> Call:
        """Return a request of the HTTP API by that user."""
        return cls({"Authorization": f"Bearer {id_token(project, uid)}"}, method="GET", path=path)

    @classmethod
    def create(cls, project: str, uid: str, key: str, **more: Any) -> Call:  # noqa: ANN401 - JSON
        """Return a `create_generation` by that user."""
        data = {"idempotencyKey": key, "type": "image", "promptId": "lighthouse"}
        data |= {"promptText": PROMPT, **more}
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {id_token(project, uid)}",
        }
        return cls(headers, json.dumps({"data": data}).encode())


class Line:
    """One connection to an instance."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, TIMEOUT_SECONDS)

    def is_open(self) -> bool:
        """Return whether somebody listens there."""
        try:
            self._connection.connect()
        except ConnectionRefusedError:
            return False
        self._connection.close()
        return True

    def ask(self, call: Call) -> Answer:
        begun = time.perf_counter()
        self._connection.request(call.method, call.path, call.body or None, call.headers)
        response = self._connection.getresponse()
        raw = response.read()
        seconds = time.perf_counter() - begun
        return Answer(seconds, response.status, raw, response.headers["X-Attempts"])

    def close(self) -> None:
        self._connection.close()


def all_at_once(
    ports: Sequence[int],
    calls: Sequence[Sequence[Call]],
    meanwhile: Callable[[], None] | None = None,
) -> tuple[float, list[Answer]]:
    """Let one caller for each list of calls send them, one after the other; all begin together.

    Args:
        ports: Of the instances; callers take them in turn.
        calls: For each caller, its calls.
        meanwhile: Is run until it returns, in this thread, from the same moment on.

    Returns:
        The seconds that all took together, and the answers.
    """
    answers: list[Answer] = []
    starting_line = threading.Barrier(len(calls) + 1)

    def run(port: int, own_calls: Sequence[Call]) -> None:
        line = Line(port)
        starting_line.wait()
        answers.extend([line.ask(call) for call in own_calls])
        line.close()

    threads = [
        threading.Thread(target=run, args=(ports[number % len(ports)], own_calls))
        for number, own_calls in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    starting_line.wait()
    begun = time.perf_counter()
    if meanwhile:
        meanwhile()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, answers


def id_token(project: str, uid: str) -> str:
    """Return an ID token as the Auth emulator makes them: not signed."""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{project}",
        "aud": project,
        "sub": uid,
        "user_id": uid,
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "firebase": {"sign_in_provider": "anonymous", "identities": {}},
    }
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
