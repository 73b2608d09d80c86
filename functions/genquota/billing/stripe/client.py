"""The only user of the `stripe` library, which is imported when an event comes and not before.

It proves who sent an event, and asks Stripe what an event does not say.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from genquota.billing.signatures import TOLERANCE_SECONDS, InvalidSignature, check_signature_time

if TYPE_CHECKING:
    from stripe import StripeClient

_TIMEOUT_SECONDS = 10
_RETRIES = 1


def check_signature(body: bytes, header: str | None, secret: str | None) -> None:
    """Check who sent a body, and when.

    Raises:
        InvalidSignature: It is unsigned, changed, signed with another secret, stale or from the future; or
            there is no secret.
    """
    if secret is None:
        raise InvalidSignature
    check_signature_time(header)  # the library looks at the past only
    import stripe  # noqa: PLC0415 - it takes longer to import than an answer takes

    try:
        stripe.WebhookSignature.verify_header(body, header, secret, tolerance=TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError):
        raise InvalidSignature from None


def fetch_line_items(session_id: str, api_key: str, api_base: str) -> list[Mapping[str, Any]]:
    """Ask what a checkout sold. Raises what the library raises."""
    sold = _client(api_key, api_base).v1.checkout.sessions.line_items.list(
        session_id, {"limit": 100}
    )
    return [item.to_dict() for item in sold.auto_paging_iter()]


def fetch_subscription(subscription_id: str, api_key: str, api_base: str) -> Mapping[str, Any]:
    """Ask how a subscription stands now. Raises what the library raises."""
    return _client(api_key, api_base).v1.subscriptions.retrieve(subscription_id).to_dict()


@cache
def _client(api_key: str, api_base: str) -> "StripeClient":
    import stripe  # noqa: PLC0415 - see above

    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base} if api_base else None,
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
    )
