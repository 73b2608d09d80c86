"""Many callers at one instant, and what became of each."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from genquota.domain.errors import GenquotaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def race(calls: Sequence[Callable[[], object]]) -> list[Any]:
    """Run all calls at once, each in a thread. Return answers or refusals, in the calls' order."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return call()
        except GenquotaError as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def outcomes(results: Sequence[object]) -> dict[str, int]:
    """Count how calls ended: `ok`, or the reason of the refusal."""
    return dict(Counter(getattr(result, "reason", "ok") for result in results))
