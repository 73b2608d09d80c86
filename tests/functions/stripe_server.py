"""A small server that answers as Stripe's API does: for lines of a checkout, and for subscriptions."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

MOST_PER_PAGE = 100
"""Stripe refuses a higher `limit`."""


@dataclass
class StripeServer:
    """What it knows, and what it was asked."""

    url: str = ""
    answers: dict[str, Json] = field(default_factory=dict)
    """By path; what is not there, or asks for too many at once, is an error in Stripe's form."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Paths, each with its `Authorization`."""

    def sells(self, session_id: str, *items: Json) -> None:
        path = f"/v1/checkout/sessions/{session_id}/line_items"
        self.answers[path] = {"object": "list", "data": list(items), "has_more": False, "url": path}

    def knows(self, subscription: Json) -> None:
        self.answers[f"/v1/subscriptions/{subscription['id']}"] = subscription


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    """Run it for the length of a `with` block."""
    stripe = StripeServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            limit = int(parse_qs(query).get("limit", ["1"])[0])
            stripe.asked.append((path, self.headers.get("Authorization")))
            missing = {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
            answer = stripe.answers.get(path) if limit <= MOST_PER_PAGE else None
            body = json.dumps(answer or missing).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stripe.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stripe
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
