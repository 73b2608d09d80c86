"""Times, and what becomes of many of them."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Times:
    """Seconds that calls took, Genquota's and the baseline's."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    our_cpu: list[float] = field(default_factory=list)
    their_cpu: list[float] = field(default_factory=list)
    """Of all threads of this process."""

    @property
    def ratio(self) -> float:
        return p50(self.ours) / p50(self.theirs)

    @property
    def cpu_ratio(self) -> float:
        return p50(self.our_cpu) / p50(self.their_cpu)

    def take_turns(
        self, number: int, ours: Callable[[], object], theirs: Callable[[], object]
    ) -> None:
        """Time both once, first the one and next time the other: what else happens hits both alike."""
        turns = [(ours, self.ours, self.our_cpu), (theirs, self.theirs, self.their_cpu)]
        for call, times, cpu in turns if number % 2 == 0 else reversed(turns):
            begun, cpu_begun = time.perf_counter(), time.process_time()
            call()
            times.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - cpu_begun)


def p50(times: Sequence[float]) -> float:
    return statistics.median(times)


def p99(times: Sequence[float]) -> float:
    """Return the time that one call in a hundred exceeds."""
    return sorted(times)[max(0, -(-len(times) * 99 // 100) - 1)]


def peak_kilobytes() -> int:
    """Return how much memory this process has had at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def spread(ratios: Sequence[float]) -> str:
    """Write the median of the rounds' ratios, and between which they lie."""
    middle = f"{p50(ratios):.2f}x"
    return middle if len(ratios) < 2 else f"{middle} ({min(ratios):.2f}-{max(ratios):.2f})"
