"""Counts the documents that a page costs: what Firestore sends to it, and what the API reads for it.

The API is the function itself in a process of its own, which counts on its client's channel. In the
browser the answers of Firestore are looked at as they come: each document in them is one that is billed.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from dev.emulators import free_port
from dev.process_group import run_in_process_group
from dev.setup import ROOT, VENV
from dev.suite import is_taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page, Route

    from dev.suite import Suite
    from tests.web.person import Person

START_SECONDS = 60
LISTEN = """
(() => {
  const { fetch } = window;
  const wire = (window.wire = []);
  window.fetch = async (...request) => {
    const response = await fetch(...request);
    if (!response.url.includes("/Listen/channel")) return response;
    const heard = { text: "" };
    wire.push(heard);
    const [kept, looked] = response.body.tee();
    (async () => {
      const decoder = new TextDecoder();
      for await (const part of looked) heard.text += decoder.decode(part, { stream: true });
    })().catch(() => {});
    return new Response(kept, response);
  };
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (...body) {
    const heard = { text: "" };
    wire.push(heard);
    this.addEventListener("progress", () => {
      if (this.responseURL.includes("/Listen/channel")) heard.text = this.responseText;
    });
    return send.apply(this, body);
  };
})();
"""
HEARD = """
() => window.wire.reduce((all, { text }) =>
  all + (text.match(/"document(Change|Delete)": ?{/g) ?? []).length, 0)
"""


@dataclass(frozen=True, slots=True)
class Counter:
    """The API that counts."""

    address: str

    def serve(self, route: Route) -> None:
        """Answer a request of a page."""
        path = re.sub(r"^https?://[^/]+", "", route.request.url)
        route.fulfill(response=route.fetch(url=f"{self.address}{path}"))

    def refresh(self, person: Person) -> None:
        """Let the analytics be up to date: counting what has closed is the job's part, whoever asks first."""
        headers = {"authorization": f"Bearer {person.token}"}
        httpx.get(f"{self.address}/api/analytics?days=1", headers=headers, timeout=30)

    def reads(self) -> int:
        """Return how many documents the API has read so far."""
        return int(httpx.get(f"{self.address}/reads", timeout=30).json())


def heard(page: Page) -> int:
    """Return how many documents Firestore has sent to a page that was opened with LISTEN."""
    return int(page.evaluate(HEARD))


@contextmanager
def counted_api(suite: Suite, log: Path, **settings: str) -> Iterator[Counter]:
    """Serve the API for the length of a `with` block, with these settings."""
    port = free_port()
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "functions"))),
        **suite.environment(),
        **settings,
    }
    framework = [str(VENV / "bin" / "functions-framework"), "--target=api", f"--port={port}"]
    command = [*framework, "--host=127.0.0.1", f"--source={ROOT / 'tests/web/counted_api.py'}"]
    with (
        log.open("wb") as out,
        run_in_process_group(command, out, env=env, cwd=ROOT / "functions") as process,
    ):
        deadline = time.monotonic() + START_SECONDS
        while not is_taken(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Counter(f"http://127.0.0.1:{port}")
