"""Verification of RevenueCat's requests: a shared token, or a signature made with it."""

import hmac
import re
from hashlib import sha256

from genquota.billing.signatures import InvalidSignature, check_signature_time

_SIGNATURE = re.compile(r"(?:^|,)\s*v1=([0-9a-f]{64})\s*(?=,|$)")


def verify(
    body: bytes, authorization: str | None, signature: str | None, token: str | None
) -> None:
    """Verify that the sender knows the token: it is the `Authorization` header, or it signed the body.

    Args:
        body: As it came.
        authorization: The header `Authorization`.
        signature: The header `X-RevenueCat-Webhook-Signature`.
        token: The secret.

    Raises:
        InvalidSignature: Neither is so, or there is no token.
    """
    if token is None:
        raise InvalidSignature
    payload = (authorization or "").encode()
    # RevenueCat sends the header as it was typed into its dashboard.
    if any(hmac.compare_digest(payload, f"{scheme}{token}".encode()) for scheme in ("Bearer ", "")):
        return
    at = check_signature_time(signature)
    own = hmac.new(token.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    if not any(hmac.compare_digest(own, each) for each in _SIGNATURE.findall(signature or "")):
        raise InvalidSignature
