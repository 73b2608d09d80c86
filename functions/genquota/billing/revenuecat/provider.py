"""RevenueCat as a payment provider: a shared token, and self-contained events."""

from typing import TYPE_CHECKING

from genquota import settings
from genquota.billing.provider import Header, PaymentProvider
from genquota.domain.enums import Provider

if TYPE_CHECKING:
    from genquota.billing.domain.provider_events import ProviderEvent

WEBHOOK_TOKEN = settings.provider_secret("REVENUECAT_WEBHOOK_TOKEN")


def _verify(body: bytes, header: Header) -> None:
    from genquota.billing.revenuecat import signature  # noqa: PLC0415 - only when an event comes

    signature.verify(
        body,
        header("Authorization"),
        header("X-RevenueCat-Webhook-Signature"),
        settings.secret(WEBHOOK_TOKEN),
    )


def _parse(payload: object) -> "ProviderEvent":
    from genquota.billing.revenuecat.events import read_revenuecat  # noqa: PLC0415 - see above

    return read_revenuecat(payload)


REVENUECAT = PaymentProvider(
    name=Provider.REVENUECAT,
    secrets=(WEBHOOK_TOKEN,),
    verify=_verify,
    parse=_parse,
)
