"""What proves that a request is from whom it says, beside Stripe's own library."""

import hmac
import re
import time
from hashlib import sha256

TOLERANCE_SECONDS = 300
"""How far a signature's time may be from ours, either way."""

_SIGNED_AT = re.compile(r"(?:^|,)\s*t=([0-9]{1,15})\s*(?:,|$)")
_SIGNATURE = re.compile(r"(?:^|,)\s*v1=([0-9a-f]{64})\s*(?=,|$)")


class NotGenuine(Exception):
    """Nothing proves that the request is from whom it says, now."""


def signed_at(header: str | None) -> int:
    """Return the time of a signature `t=…,v1=…`, if it is neither stale nor from the future.

    Raises:
        NotGenuine: It is, or there is none.
    """
    found = _SIGNED_AT.search(header or "")
    if found is None or abs(int(found[1]) - time.time()) > TOLERANCE_SECONDS:
        raise NotGenuine
    return int(found[1])


def check_revenuecat(
    body: bytes, authorization: str | None, signature: str | None, token: str | None
) -> None:
    """Check that the sender knows the token: it is the `Authorization` header, or it signed the body.

    Args:
        body: As it came.
        authorization: The header `Authorization`.
        signature: The header `X-RevenueCat-Webhook-Signature`.
        token: The secret.

    Raises:
        NotGenuine: Neither is so, or there is no token.
    """
    if token is None:
        raise NotGenuine
    said = (authorization or "").encode()
    # RevenueCat sends the header as it was typed into its dashboard.
    if any(hmac.compare_digest(said, f"{scheme}{token}".encode()) for scheme in ("Bearer ", "")):
        return
    at = signed_at(signature)
    own = hmac.new(token.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    if not any(hmac.compare_digest(own, each) for each in _SIGNATURE.findall(signature or "")):
        raise NotGenuine
