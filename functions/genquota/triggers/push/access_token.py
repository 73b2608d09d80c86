"""The access token of the service account, fetched within a deadline whatever the token server does."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import google.auth
import httpx
from google.auth.exceptions import TransportError

from genquota.triggers.push.bounded_http import Answer, client, exchange, run, seconds_left

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class AccessToken:
    """A token that one thread fetches, and for which the others wait."""

    def __init__(self) -> None:
        self._fetching = threading.Lock()
        self._credentials: Any = None
        self._project: str | None = None

    def headers(self, deadline: float) -> tuple[str | None, dict[str, str]]:
        """Return the credentials' own project, and what a request must carry.

        Args:
            deadline: In seconds of `time.monotonic`.

        Raises:
            TimeoutError: There is no token by then.
            GoogleAuthError: There is none to be had.
        """
        if not self._fetching.acquire(timeout=seconds_left(deadline)):
            raise TimeoutError
        try:
            transport = _transport_until(deadline)
            if self._credentials is None:
                found = google.auth.default([_SCOPE], request=transport)  # type: ignore[arg-type] # it calls it only
                self._credentials, self._project = found
            if not self._credentials.valid:
                self._credentials.refresh(transport)
            headers: dict[str, str] = {}
            self._credentials.apply(headers)
            return self._project, headers
        finally:
            self._fetching.release()

    def forget(self) -> None:
        """Let the next call fetch a new one: this one is no longer taken."""
        self._credentials = None


def _transport_until(deadline: float) -> Callable[..., Answer]:
    """Return what Google's library fetches by: nothing of it outlasts the deadline.

    The library tries again after a `TransportError`, and pauses before; after a `TimeoutError` it does
    not.
    """

    def transport(
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Answer:
        left = seconds_left(deadline)
        request = httpx.Request(method, url, content=body, headers=dict(headers or {}))
        try:
            return run(_alone(request, min(left, timeout or left)))
        except (httpx.HTTPError, TimeoutError) as failed:
            seconds_left(deadline)
            raise TransportError(failed) from failed  # type: ignore[no-untyped-call]

    return transport


async def _alone(request: httpx.Request, seconds: float) -> Answer:
    async with client() as http:
        return await exchange(http, request, seconds)
