"""The webhooks of payment providers, one function each, such as `stripe_webhook`.

What they do is imported with their first request: other functions start without it.
"""

from collections.abc import Callable, Mapping

from flask import Request as HttpRequest
from flask import Response

from genquota.billing.provider import PaymentProvider
from genquota.billing.registry import PROVIDERS
from genquota.triggers.endpoints import declare_http


def _webhook(provider: PaymentProvider) -> Callable[[HttpRequest], Response]:
    def webhook(request: HttpRequest) -> Response:
        from genquota.billing.webhooks.receiver import receive  # noqa: PLC0415 - see above

        return receive(provider, request)

    webhook.__name__ = provider.webhook
    declare_http(webhook, secrets=list(provider.secrets))
    return webhook


WEBHOOKS: Mapping[str, Callable[[HttpRequest], Response]] = {
    provider.webhook: _webhook(provider) for provider in PROVIDERS
}
