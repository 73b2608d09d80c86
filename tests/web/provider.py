"""A sign-in service that speaks OpenID Connect: an authorization endpoint that sends the browser back.

Its tokens are not signed: the Auth emulator takes them as they are.
"""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = "the-client-id-of-this-project"


@dataclass(slots=True)
class Provider:
    """What the service answers next, and what it was asked."""

    port: int
    claims: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    change: dict[str, str] = field(default_factory=dict)
    """What it gets wrong of `state` and `nonce`."""
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/authorize?tenant=one"

    def answer(self, asked: dict[str, str]) -> str:
        """Return the address that the browser is sent to."""
        self.asked.append(asked)
        echoed = {**asked, **self.change}
        answer = {"state": echoed["state"]}
        if self.error:
            answer["error"] = self.error
        else:
            claims = {"aud": asked["client_id"], "nonce": echoed["nonce"], **self.claims}
            answer["id_token"] = unsigned(claims)
        return f"{asked['redirect_uri']}#{urlencode(answer)}"


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return b".".join(each.rstrip(b"=") for each in encoded).decode() + "."


@contextmanager
def provider() -> Iterator[Provider]:
    """Run the service for the length of a `with` block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            asked = dict(parse_qsl(urlsplit(self.path).query))
            self.send_header("Location", running.answer(asked))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Provider(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
