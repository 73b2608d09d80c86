"""A TCP proxy to the emulator that can be cut, restored and slowed, as happens to networks and stores."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class NetworkLink:
    """Forwards connections from a port of its own to the emulator, while it is not cut."""

    def __init__(self, store: str) -> None:
        self.delay = 0.0
        """Seconds that everything the store sends is held back."""
        self._store = store
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = int(self._listener.getsockname()[1])
        self._serve()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._port}"

    def cut(self) -> None:
        """Break all connections and refuse new ones."""
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def mend(self) -> None:
        """Take connections again, at the same port."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        host, _, port = self._store.rpartition(":")
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                here, _ = listener.accept()
                there = socket.create_connection((host, int(port)))
                self._open += (here, there)
                for act, one, other in (
                    (_forward, here, there),
                    (self._forward_slowly, there, here),
                ):
                    threading.Thread(target=act, args=(one, other), daemon=True).start()

    def _forward_slowly(self, source: socket.socket, target: socket.socket) -> None:
        _forward(source, target, lambda: time.sleep(self.delay))


def _forward(
    source: socket.socket, target: socket.socket, pause: Callable[[], None] = lambda: None
) -> None:
    with contextlib.suppress(OSError):  # either end was closed
        while data := source.recv(65_536):
            pause()
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
