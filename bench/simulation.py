"""A simulation of many instances: creates queue for processors, wait for Firestore, overtake each other.

It runs the code of no function. What it takes from outside is a `CostModel`; `bench/scaling.py` measures its
processor time and compares what the simulation says with what can be run on one machine.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from genquota.store.transaction import PATIENCE, TRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Event = tuple[float, int, Callable[[], None]]

_BEFORE_COMMIT = 0.7
"""Share of an attempt's processor time that comes before its commit is sent."""


@dataclass(frozen=True, slots=True)
class CostModel:
    """What one attempt at a create costs. All in seconds."""

    processor: float
    """Of one vCPU of an instance."""
    read: float
    """Until the documents have come."""
    commit: float
    """Until it is known whether the commit was taken."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who creates, and how often."""

    rate: float
    """Creates each second, by many users."""
    users: int
    hot_rate: float = 0.0
    """Creates each second by one more user."""


@dataclass(slots=True)
class Outcome:
    """What became of the creates that were begun."""

    latencies: list[float] = field(default_factory=list)
    """Seconds, of those that were answered."""
    attempts: int = 0
    contended: int = 0
    """Ended in `contention`."""
    busy: float = 0.0
    """Share of all processors' time that was used."""


class _Instance:
    """One instance: a processor that one thread uses at a time, and users' turns."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self.used = 0.0
        self.turns: dict[int, deque[Callable[[], None]]] = {}
        """Those who wait for each user that has a turn now."""


class Simulation:
    """Runs creates of a traffic on so many instances for a while of simulated time."""

    def __init__(self, model: CostModel, traffic: Traffic, instances: int, seed: int = 1) -> None:
        self._model, self._traffic = model, traffic
        self._instances = [_Instance() for _ in range(instances)]
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._events: list[Event] = []
        self._order = itertools.count()
        self._versions: dict[int, int] = defaultdict(int)
        self._now = 0.0
        self.outcome = Outcome()

    def run(self, seconds: float) -> Outcome:
        """Let requests come for that long, and wait for all answers."""
        for at, user in self._arrivals(seconds):
            self._at(at, self._begin(at, user))
        while self._events:
            self._now, _, act = heapq.heappop(self._events)
            act()
        used = sum(each.used for each in self._instances)
        self.outcome.busy = used / (max(self._now, seconds) * len(self._instances))
        return self.outcome

    def _arrivals(self, seconds: float) -> Iterator[tuple[float, int]]:
        for rate, is_hot in ((self._traffic.rate, False), (self._traffic.hot_rate, True)):
            at = 0.0
            while rate and (at := at + self._random.expovariate(rate)) < seconds:
                yield at, -1 if is_hot else self._random.randrange(self._traffic.users)

    def _at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), act))

    def _begin(self, arrived: float, user: int) -> Callable[[], None]:
        """Return a request: it waits for its user's turn in its instance, then attempts until it succeeds."""
        instance = self._random.choice(self._instances)

        def take_turn() -> None:
            if user in instance.turns:
                instance.turns[user].append(attempt)
            else:
                instance.turns[user] = deque()
                attempt()

        def end_turn() -> None:
            waiting = instance.turns[user]
            if waiting:
                self._at(self._now, waiting.popleft())
            else:
                del instance.turns[user]

        tried = 0

        def attempt() -> None:
            self._at(self._now + self._model.read, decide)

        def decide() -> None:
            seen = self._versions[user]
            sent = self._processed(instance, _BEFORE_COMMIT) + self._model.commit
            self._at(sent, lambda: finish(seen))

        def finish(seen: int) -> None:
            nonlocal tried
            tried += 1
            self.outcome.attempts += 1
            if self._versions[user] == seen:
                self._versions[user] += 1
                self.outcome.latencies.append(
                    self._processed(instance, 1 - _BEFORE_COMMIT) - arrived
                )
                end_turn()
                return
            pause = self._random.uniform(0, min(2.0, 0.02 * 2 ** (tried - 1)))
            if tried == TRIES or self._now + pause - arrived > PATIENCE.total_seconds():
                self.outcome.contended += 1
                end_turn()
            else:
                self._at(self._now + pause, attempt)

        return take_turn

    def _processed(self, instance: _Instance, share: float) -> float:
        """Use the instance's processor for a share of an attempt, in turn; return when that is done."""
        needed = self._model.processor * share
        instance.free_at = max(instance.free_at, self._now) + needed
        instance.used += needed
        return instance.free_at
