"""What a request must pass before it is handled: its size, its token, the rate limit; and how it is refused.

A rate limit is a token bucket for each caller, in the memory of each instance. No document is read or written
for it, so it bounds what a runaway or anonymous client costs, not what a user may generate: that is decided
on the user document, whatever instance is asked.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any

from firebase_functions.https_fn import HttpsError
from flask import Request as HttpRequest
from flask import Response, jsonify
from werkzeug.wsgi import get_input_stream

from genquota import settings
from genquota.domain.errors import InvalidArgument, NotSignedIn, RateExceeded
from genquota.domain.texts import MAX_UID_CHARS, is_document_name, is_storable
from genquota.domain.users.former_users import email_hash
from genquota.messages.requests.values import MAX_BODY_BYTES
from genquota.store.documents import system_now
from genquota.use_cases.core.authorization import is_exempt_from_rate_limits
from genquota.use_cases.core.context import Caller

JSON = "application/json"
_LONGEST_CLAIM = 2048
"""Characters: of a picture's address, the longest of those that are kept."""
MOST_CALLERS = 20_000
"""Remembered at a time; who is forgotten has a full bucket again."""


def read_body(request: HttpRequest, most: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of at most so many bytes, and leave it where the SDK and the framework read it again.

    Raises:
        InvalidArgument: It is too large.
    """
    stream, body = get_input_stream(request.environ), b""
    while len(body) <= most and (piece := stream.read(most + 1)):
        body += piece
    is_too_large = len(body) > most
    while is_too_large and stream.read(most):
        pass  # a client that is still sending would not see the answer
    kept = b"" if is_too_large else body
    request.environ |= {"wsgi.input": BytesIO(kept), "CONTENT_LENGTH": str(len(kept))}
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)
    if is_too_large:
        raise InvalidArgument((("", f"the body is larger than {most} bytes"),))
    return body


def caller_of(uid: object, claims: Mapping[str, Any]) -> Caller:
    """Return the user of a token whose signature was verified.

    Raises:
        NotSignedIn: It names nobody, or has expired; libraries pass expired ones where the Auth emulator
            is named.
    """
    if not isinstance(uid, str) or len(uid) > MAX_UID_CHARS or not is_document_name(uid):
        raise NotSignedIn
    expires_at = claims.get("exp")
    is_number = isinstance(expires_at, int) and not isinstance(expires_at, bool)
    if not is_number or expires_at <= time.time():  # type: ignore[operator]
        raise NotSignedIn
    email, key = _text(claims, "email"), settings.secret(settings.EMAIL_HASH_KEY)
    verified = email if claims.get("email_verified") is True else None
    return Caller(
        uid,
        email,
        _text(claims, "name"),
        _text(claims, "picture"),
        is_verified=bool(verified or _text(claims, "phone_number")),
        email_hash=email_hash(verified, key) if verified and key else None,
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """Return a claim that nobody needs; one that is no text, or none that can be stored, is missing."""
    value = claims.get(name)
    is_text = isinstance(value, str) and 0 < len(value) <= _LONGEST_CLAIM and is_storable(value)
    return value if is_text else None


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


def refusal(error: HttpsError) -> Response:
    """Return the response that the SDK would give for an error."""
    # The SDK answers with these two when it is given an HttpsError; it has no public way to say so.
    response = jsonify(error=error._as_dict())  # noqa: SLF001
    response.status_code = error._http_error_code.status  # noqa: SLF001
    return response


def reason_of(response: Response) -> str | None:
    """Return `error.details.reason`, if the response has one; `ok` for answers."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return "ok"
    error = (response.get_json(silent=True) or {}).get("error") or {}
    return (error.get("details") or {}).get("reason")
