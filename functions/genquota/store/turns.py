"""Turns of the attempts of one user within a process: in the order of asking, and handed on with a batch."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Generic, TypeVar

from genquota.domain.errors import Contention
from genquota.domain.records import dataclass

B = TypeVar("B")


class TurnQueue(Generic[B]):
    """A lock, given in the order of asking. Who has it may leave something to the next with the same name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[tuple[str | None, Any]] = deque()
        """What each has a use for, and a lock that is opened when it is their turn."""
        self._left: B | None = None

    def acquire(self, name: str | None, timeout: float) -> bool:
        """Wait for the turn; return whether it came in time."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            gate = threading.Lock()
            gate.acquire()
            waiting = name, gate
            self._waiting.append(waiting)
        if gate.acquire(timeout=timeout):
            return True
        with self._lock:
            if waiting not in self._waiting:  # it came just now, perhaps with a batch
                return True
            self._waiting.remove(waiting)
            return False

    def is_awaited_for(self, name: str) -> bool:
        """Return whether `pass_on` would find somebody."""
        with self._lock:
            return bool(self._waiting) and self._waiting[0][0] == name

    def pass_on(self, name: str, left: B) -> bool:
        """Give turn and batch to the next one. False: nobody waits, or the next one has no use for it."""
        with self._lock:
            if not self._waiting or self._waiting[0][0] != name:
                return False
            self._left = left
            self._waiting.popleft()[1].release()
            return True

    @property
    def is_left(self) -> bool:
        """Whether there is something to take."""
        return self._left is not None

    def take(self) -> B | None:
        """Return what was left to the holder, once."""
        left, self._left = self._left, None
        return left

    def release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft()[1].release()
            else:
                self._is_taken = False


@dataclass(slots=True)
class Turn(Generic[B]):
    """A caller's turn, which is held or waited for."""

    queue: TurnQueue[B]
    is_held: bool = False
    _rest: tuple[str, B] | None = field(default=None)

    def acquire(self, name: str | None, give_up_at: float) -> None:
        """Wait for the turn, unless it is held already.

        Raises:
            Contention: It did not come in time.
        """
        if not self.is_held:
            self.is_held = self.queue.acquire(name, max(0, give_up_at - time.monotonic()))
            if not self.is_held:
                raise Contention

    def is_shared(self, name: str) -> bool:
        """Return whether something was left, or somebody waits for the same."""
        return self.queue.is_left or self.queue.is_awaited_for(name)

    def pass_on(self, name: str, left: B) -> bool:
        """Give turn and batch to the next one, if the next one has a use for it."""
        self.is_held = not self.queue.pass_on(name, left)
        return not self.is_held

    def leave(self, name: str, rest: B) -> None:
        """Let the next one have this when the turn is released."""
        self._rest = name, rest

    def release(self) -> None:
        """Give the turn to the next one, if it is held."""
        if self.is_held and not (self._rest and self.pass_on(*self._rest)):
            self.queue.release()
        self.is_held = False


_QUEUES = tuple(TurnQueue[Any]() for _ in range(1024))


@contextmanager
def turn_of(lock_key: str) -> Iterator[Turn[Any]]:
    """Give the turn of those with the same key, still to be acquired; release it if it is held afterwards."""
    turn = Turn(_QUEUES[hash(lock_key) % len(_QUEUES)])
    try:
        yield turn
    finally:
        turn.release()
