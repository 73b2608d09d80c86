"""HTTP to outside servers that ends in time, whatever they do.

A time-out of a library bounds one wait for a byte: a server that sends one now and then holds its
caller for as long as it likes, and a `Retry-After` is obeyed however long it is. Here a whole exchange
has a bound, from looking up the name to the last byte, and nothing is tried again.
"""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from functools import cache
from ssl import SSLContext
from typing import Any, TypeVar

import httpx

from genquota.domain.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server has answered, with the names that Google's libraries know."""

    status: int
    headers: Mapping[str, str]
    data: bytes


def client() -> httpx.AsyncClient:
    """Return a client for one event loop; its user bounds how much is under way."""
    unbounded = httpx.Limits(max_connections=None)
    no_bound = httpx.Timeout(None)  # `exchange` has one for the whole
    return httpx.AsyncClient(verify=_certificates(), timeout=no_bound, limits=unbounded)


async def exchange(http: httpx.AsyncClient, request: httpx.Request, seconds: float) -> Answer:
    """Send a request and take in the answer.

    Raises:
        TimeoutError: It took longer.
        httpx.HTTPError: There is no connection, or it broke off.
    """
    async with asyncio.timeout(seconds):
        response = await http.send(request)
    return Answer(response.status_code, response.headers, response.content)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end, in the calling thread."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()  # waits for nobody, not for a name that is still being looked up either


def seconds_left(deadline: float) -> float:
    """Return how long it is until a deadline, in seconds of `time.monotonic`.

    Raises:
        TimeoutError: It has passed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@cache
def _certificates() -> SSLContext:
    """Return the authorities that are believed: reading them takes longer than a request."""
    return httpx.create_ssl_context()
