"""Calls about one user that wait for their turn in a known order, as they do while a commit takes long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from genquota.domain.errors import GenquotaError
from genquota.store.turns import turn_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def queue(calls: Sequence[Callable[[], object]], uid: str = "ada") -> list[Any]:
    """Let calls wait in this order, and then take their turns. Return answers or errors."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except (GenquotaError, TypeError) as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads, turn_of(uid) as first:
        first.acquire(None, time.monotonic() + 10)
        running = []
        for number, call in enumerate(calls):
            running.append(threads.submit(run, call))
            give_up_at = time.monotonic() + 10
            while len(first.queue._waiting) <= number:
                assert time.monotonic() < give_up_at, "a call does not wait for its turn"
                time.sleep(0.001)
        first.release()
        return [each.result(60) for each in running]
