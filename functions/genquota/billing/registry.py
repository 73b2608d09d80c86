"""All payment providers. A further one is a folder beside these, and a line here."""

from genquota.billing.provider import PaymentProvider
from genquota.billing.revenuecat.provider import REVENUECAT
from genquota.billing.stripe.provider import STRIPE

PROVIDERS: tuple[PaymentProvider, ...] = (STRIPE, REVENUECAT)
