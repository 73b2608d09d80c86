"""Stripe as a payment provider: a signed body; the API is asked for what an event does not say."""

from dataclasses import replace
from typing import TYPE_CHECKING

from genquota import settings
from genquota.billing.provider import Header, PaymentProvider, Refresh
from genquota.domain.enums import Provider

if TYPE_CHECKING:
    from genquota.billing.domain.provider_events import ProviderEvent

WEBHOOK_SECRET = settings.provider_secret("STRIPE_WEBHOOK_SECRET")
API_KEY = settings.provider_secret("STRIPE_API_KEY")


def _verify(body: bytes, header: Header) -> None:
    from genquota.billing.stripe import client  # noqa: PLC0415 - only when an event comes

    secret = settings.secret(WEBHOOK_SECRET)
    client.check_signature(body, header("Stripe-Signature"), secret)


def _parse(payload: object) -> "ProviderEvent":
    from genquota.billing.stripe import client  # noqa: PLC0415 - only when an event comes
    from genquota.billing.stripe.events import read_event, with_facts  # noqa: PLC0415
    from genquota.billing.stripe.payments import lacks_items, with_items  # noqa: PLC0415

    event, about = read_event(payload)
    event = with_facts(event, about)
    key = settings.secret(API_KEY)
    if key and lacks_items(event):
        items = client.fetch_line_items(about["id"], key, settings.STRIPE_API_BASE.value)
        event = with_items(event, items)
    return event


def _refresher() -> Refresh | None:
    key, base = settings.secret(API_KEY), settings.STRIPE_API_BASE.value
    if key is None:
        return None

    def refresh(event: "ProviderEvent") -> "ProviderEvent":
        from genquota.billing.stripe import client  # noqa: PLC0415 - only when an event comes
        from genquota.billing.stripe.events import with_subscription  # noqa: PLC0415
        from genquota.store.documents import system_now  # noqa: PLC0415

        update = event.subscription
        if update is None:
            return event
        about = client.fetch_subscription(update.id, key, base)
        # Of what was asked at several times, the last is true; all of it is newer than the events.
        return with_subscription(replace(event, tie_break=f"~{system_now().isoformat()}~"), about)

    return refresh


STRIPE = PaymentProvider(
    name=Provider.STRIPE,
    secrets=(WEBHOOK_SECRET, API_KEY),
    verify=_verify,
    parse=_parse,
    refresher=_refresher,
)
