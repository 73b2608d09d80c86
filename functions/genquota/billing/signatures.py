"""Checks of webhook signatures that all providers share."""

import re
import time

TOLERANCE_SECONDS = 300
"""How far a signature's time may be from ours, either way."""

_SIGNED_AT = re.compile(r"(?:^|,)\s*t=([0-9]{1,15})\s*(?:,|$)")


class InvalidSignature(Exception):
    """The request's signature or token is missing, wrong or stale."""


def check_signature_time(header: str | None) -> int:
    """Return the time of a signature `t=…,v1=…`, if it is neither stale nor from the future.

    Raises:
        InvalidSignature: It is, or there is none.
    """
    found = _SIGNED_AT.search(header or "")
    if found is None:
        raise InvalidSignature
    return require_recent(int(found[1]))


def require_recent(signed_at: int) -> int:
    """Return the time of a signature, if it is neither stale nor from the future.

    Raises:
        InvalidSignature: It is.
    """
    if abs(signed_at - time.time()) > TOLERANCE_SECONDS:
        raise InvalidSignature
    return signed_at
