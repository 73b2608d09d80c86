"""`stripe_webhook` and `revenuecat_webhook`: where payment providers call in.

What they do is imported with their first request: other functions start without it.
"""

from firebase_functions.https_fn import on_request
from flask import Request as HttpRequest
from flask import Response

from genquota import settings


@on_request(secrets=[settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_API_KEY])
def stripe_webhook(request: HttpRequest) -> Response:
    """Take in an event of Stripe's."""
    from genquota.triggers.webhooks.taking import take_in_stripe  # noqa: PLC0415 - see above

    return take_in_stripe(request)


@on_request(secrets=[settings.REVENUECAT_WEBHOOK_TOKEN])
def revenuecat_webhook(request: HttpRequest) -> Response:
    """Take in an event of RevenueCat's."""
    from genquota.triggers.webhooks.taking import take_in_revenuecat  # noqa: PLC0415 - see above

    return take_in_revenuecat(request)
