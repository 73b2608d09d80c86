"""Functions as processes of their own, started from functions/ as the runtime starts them."""

from __future__ import annotations

import http.client
import json
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dev.emulators import free_port
from dev.process_group import run_in_process_group
from dev.setup import ROOT, VENV
from tests.functions.app import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from subprocess import Popen

SOURCE = ROOT / "functions"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """One function behind a port."""

    port: int
    log: Path
    process: Popen[bytes]

    def wait(self) -> None:
        """Return when somebody listens; no request is sent."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError(self.log.read_text())

    def call(self, data: object, token: str) -> Answer:
        """Call the function as Firebase's client libraries do."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self.send("POST", json.dumps({"data": data}).encode(), headers)

    def send(
        self, method: str, body: bytes | Iterable[bytes] | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send any request; a body in pieces is sent in chunks, its length unsaid."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            is_chunked = not isinstance(body, bytes | None)
            chunked = {"Transfer-Encoding": "chunked"} if is_chunked else {}
            connection.request(method, "/", body, {**headers, **chunked}, encode_chunked=is_chunked)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), dict(response.getheaders()))
        finally:
            connection.close()


@contextmanager
def served(function: str, env: Mapping[str, str], log: Path, *options: str) -> Iterator[Server]:
    """Run `functions-framework` with exactly that environment for the length of a `with` block."""
    port = free_port()
    command = [str(VENV / "bin" / "functions-framework"), "--target", function]
    command += ["--source", "main.py", "--host", "127.0.0.1", "--port", str(port), *options]
    with log.open("wb") as out, run_in_process_group(command, out, env=env, cwd=SOURCE) as process:
        yield Server(port, log, process)
