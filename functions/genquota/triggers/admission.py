"""What a request must pass before it is handled: its size, its token and the rate limit.

A client sends the same ID token with every call of an hour. So a token that was verified is remembered for a
few minutes, and the next calls find their caller without parsing it, its signature and Google's certificates.

A rate limit is a token bucket for each caller, in the memory of each instance. No document is read or written
for it, so it bounds what a runaway or anonymous client costs, not what a user may generate: that is decided
on the user document, whatever instance is asked.
"""

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

from firebase_admin import auth
from flask import Request as HttpRequest
from werkzeug.wsgi import get_input_stream

from genquota import settings
from genquota.domain.errors import InvalidArgument, NotSignedIn, RateExceeded, Unavailable
from genquota.domain.texts import MAX_UID_CHARS, is_document_name, is_storable
from genquota.domain.users.former_users import email_hash
from genquota.messages.requests.values import MAX_BODY_BYTES
from genquota.store.documents import system_now
from genquota.use_cases.core.authorization import is_exempt_from_rate_limits
from genquota.use_cases.core.context import Caller

JSON = "application/json"
MOST_CALLERS = 20_000
"""Remembered at a time; who is forgotten has a full bucket again."""
CLOCK_SKEW_SECONDS = 10
BROKEN_TOKEN = (ValueError, TypeError, KeyError, UnicodeError, RecursionError)
"""What the libraries raise for what is no token; a refusal of theirs is a ValueError, too."""

_SCHEME = "bearer"
_LONGEST_CLAIM = 2048
"""Characters: of a picture's address, the longest of those that are kept."""
_REMEMBERED_SECONDS = 300.0
"""So that a key that Google withdraws is believed for five minutes more, at most."""
_MOST_REMEMBERED = 10_000


def read_body(request: HttpRequest, most: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of at most so many bytes, and leave it where the framework reads it again.

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


def admit(request: HttpRequest, identify: Callable[[str], Caller]) -> Caller:
    """Return who calls, if they do not call too often.

    Args:
        request: With a bearer token.
        identify: Finds the caller of a token that is not remembered.

    Raises:
        RateExceeded: They do.
        GenquotaError: What ``identify`` raises: they are not to be believed.
    """
    try:
        token = _token_of(request)
        caller = _users.find(token, time.time()) or identify(token)
    except NotSignedIn:
        limit_anonymous(request)
        raise
    _limit_user(caller)
    return caller


def _token_of(request: HttpRequest) -> str:
    """Return the token that a request brings.

    Raises:
        NotSignedIn: None.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != _SCHEME or not token:
        raise NotSignedIn
    return token


def verify_user(token: str) -> Caller:
    """Return the user of a Firebase ID token.

    Raises:
        NotSignedIn: It is not to be believed, or has expired.
        Unavailable: The certificates to check it by could not be had.
    """
    try:
        claims = auth.verify_id_token(token, clock_skew_seconds=CLOCK_SKEW_SECONDS)
    except auth.CertificateFetchError as no_answer:
        raise Unavailable from no_answer
    except (auth.InvalidIdTokenError, *BROKEN_TOKEN) as refused:
        raise NotSignedIn from refused
    now, expires_at = time.time(), claims.get("exp")
    is_number = isinstance(expires_at, int) and not isinstance(expires_at, bool)
    if not is_number or expires_at <= now:  # the library passes it where the Auth emulator is named
        raise NotSignedIn
    user = _user_named(claims)
    _users.keep(token, user, min(expires_at, now + _REMEMBERED_SECONDS))
    return user


def _user_named(claims: Mapping[str, Any]) -> Caller:
    """Return the user of a token whose signature was verified.

    Raises:
        NotSignedIn: It names nobody.
    """
    uid = claims.get("uid")
    if not isinstance(uid, str) or len(uid) > MAX_UID_CHARS or not is_document_name(uid):
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


class _Users:
    """Users of verified tokens, the latest ones. The tokens themselves are not kept."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()
        """And until when (Unix seconds), by the token's hash."""
        self._lock = threading.Lock()

    def find(self, token: str, now: float) -> Caller | None:
        user, until = self._found.get(_hash_of(token), (None, 0.0))
        return user if now < until else None

    def keep(self, token: str, user: Caller, until: float) -> None:
        with self._lock:
            self._found[_hash_of(token)] = (user, until)
            if len(self._found) > _MOST_REMEMBERED:
                self._found.popitem(last=False)


def _hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()


_users = _Users()


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


def _limit_user(caller: Caller) -> None:
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
