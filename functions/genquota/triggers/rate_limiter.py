"""Rate limits per caller: a token bucket for each, in the memory of each instance.

No document is read or written for it, so it bounds what a runaway or anonymous client costs, not what
a user may generate: that is decided on the user document, whatever instance is asked.
"""

import math
import threading
import time
from collections import OrderedDict
from datetime import timedelta

from flask import Request as HttpRequest

from genquota import settings
from genquota.domain.errors import RateExceeded
from genquota.store.documents import system_now
from genquota.use_cases.core.authorization import is_exempt_from_rate_limits
from genquota.use_cases.core.context import Caller

MOST_CALLERS = 20_000
"""Remembered at a time; who is forgotten has a full bucket again."""


class RateLimiter:
    """Token buckets that are full at first, lose a token with each call and refill within a minute."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What is left, and when that was so (monotonic seconds), by caller."""
        self._lock = threading.Lock()

    def take(self, key: str, per_minute: int, now: float) -> float:
        """Take a token. Return how many seconds to wait for one: 0 if there was one."""
        with self._lock:
            left, at = self._buckets.pop(key, (float(per_minute), now))
            left = min(float(per_minute), left + (now - at) * per_minute / 60)
            waits = 0.0 if left >= 1 else (1 - left) * 60 / per_minute
            self._buckets[key] = (left if waits else left - 1, now)
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
        return waits


_rate_limiter = RateLimiter()


def limit_user(caller: Caller) -> None:
    """Count a call of a signed-in caller. Services and admins, as last seen, are exempt.

    Raises:
        RateExceeded: The caller calls too often.
    """
    if not caller.is_server and not is_exempt_from_rate_limits(caller.uid):
        _limit(f"user {caller.uid}")


def limit_anonymous(request: HttpRequest) -> None:
    """Count a call without a valid token, by its address.

    Raises:
        RateExceeded: Too many such calls come from this address.
    """
    _limit(f"address {_address(request)}")


def _limit(key: str) -> None:
    per_minute = settings.calls_per_minute()
    if not per_minute:
        return
    waits = _rate_limiter.take(key, per_minute, time.monotonic())
    if waits:
        now = system_now()
        raise RateExceeded(
            now=now,
            window="minute",
            type=None,
            limit=per_minute,
            used=per_minute,
            reserved=0,
            remaining=0,
            requested=1,
            resets_at=now.replace(microsecond=0) + timedelta(seconds=math.ceil(waits) + 1),
        )


def _address(request: HttpRequest) -> str:
    """Return where a call comes from: what the platform wrote last, for what comes before may be made up."""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded or request.remote_addr or "unknown"
