"""A server that speaks FCM's protocol, and that of Google's token servers, with or without faults."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

STALLS = ("silent", "drips-headers", "drips-its-body")
TROUBLES = {
    "429-in-3-s": (429, {"Retry-After": "3"}),
    "429-in-6-h": (429, {"Retry-After": "21600"}),
    "429-at-a-date": (429, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
    "503-in-3-s": (503, {"Retry-After": "3"}),
    "503": (503, {}),
    "500": (500, {}),
}


@dataclass
class FaultyServer:
    """What it does, and what it was sent."""

    port: int = 0
    token_trouble: str | None = None
    """What befalls who asks for an access token."""
    refuses: str | None = None
    """An access token that is not taken any more."""
    seconds: float = 0
    """What a good answer takes."""
    received: list[str] = field(default_factory=list)
    """The tokens of devices, as they came."""
    authorizations: list[str | None] = field(default_factory=list)
    tokens_given: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    """Serve; a device's token that names a trouble, as `silent/1`, meets it."""
    state = FaultyServer()

    class Handler(_Handler):
        troubled = state

    server = _Server(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    state.ended.set()
    server.shutdown()
    server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # whoever calls while it is full waits a second


class _Handler(BaseHTTPRequestHandler):
    troubled: FaultyServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith("messages:send"):
            self._give_token()
            return
        token = json.loads(body)["message"]["token"]
        self.troubled.received.append(token)
        self.troubled.authorizations.append(authorization := self.headers["Authorization"])
        if authorization and authorization == self.troubled.refuses:
            self._say(401, {}, {})
        elif not self._is_in_trouble(token.partition("/")[0]):
            time.sleep(self.troubled.seconds)
            self._say(200, {}, {"name": "projects/p/messages/1"})

    def do_GET(self) -> None:
        """Be the metadata server of an instance."""
        if "token" in self.path:
            self._give_token()
        else:
            self._say(200, {"Metadata-Flavor": "Google"}, {"email": "robot@example.com"})

    def _give_token(self) -> None:
        if self._is_in_trouble(self.troubled.token_trouble):
            return
        self.troubled.tokens_given += 1
        token = f"access-{self.troubled.tokens_given}"
        self._say(200, {}, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def _is_in_trouble(self, trouble: str | None) -> bool:
        if trouble in TROUBLES:
            status, headers = TROUBLES[trouble]
            self._say(status, headers, {"error": {"code": status}})
        elif trouble == "silent":
            self.troubled.ended.wait()
        elif trouble == "drips-headers":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        elif trouble == "drips-its-body":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        else:
            return False
        return True

    def _drip(self, beginning: bytes) -> None:
        try:
            self.wfile.write(beginning)
            while not self.troubled.ended.wait(0.1):
                self.wfile.write(b"a")
        except OSError:
            pass  # the other side had enough

    def _say(self, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(text))}
        for name, value in {**usual, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass
