"""Models of Stripe's objects: the fields that are used. Fields that moved are read in both places."""

from typing import Any

from pydantic import Field

from genquota.billing.payloads import Id, Payload, Reference, Seconds

Metadata = dict[str, Any] | None


class StripeData(Payload):
    object: dict[str, Any]


class StripeEnvelope(Payload):
    id: Id
    type: Id
    created: Seconds
    data: StripeData


class StripePrice(Payload):
    id: Id
    product: Reference | None = None


class StripeSold(Payload):
    """Something with a price, which older versions of the API call a plan."""

    price: StripePrice | None = None
    plan: StripePrice | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The ids that the catalogue may know it by, the most exact first."""
        prices = [price for price in (self.price, self.plan) if price]
        products = [price.product for price in prices if price.product]
        return tuple(dict.fromkeys([*(price.id for price in prices), *products]))


class StripeItem(StripeSold):
    quantity: int | None = None
    """None: it is metered."""
    deleted: bool = False
    current_period_start: Seconds | None = None
    """Here since the API of 2025-03-31, before that at the subscription."""
    current_period_end: Seconds | None = None

    @property
    def counts(self) -> bool:
        """Whether anything is bought of it."""
        return not self.deleted and self.quantity != 0


class StripeItems(Payload):
    data: list[StripeItem] = Field(min_length=1)


class StripeSubscription(Payload):
    id: Id
    customer: Reference
    status: Id
    items: StripeItems
    current_period_start: Seconds | None = None
    current_period_end: Seconds | None = None
    billing_cycle_anchor: Seconds | None = None
    cancel_at_period_end: bool = False
    cancel_at: Seconds | None = None
    ended_at: Seconds | None = None
    trial_start: Seconds | None = None
    trial_end: Seconds | None = None
    metadata: Metadata = None


class StripeSubscriptionDetails(Payload):
    subscription: Reference | None = None
    metadata: Metadata = None


class StripeParent(Payload):
    subscription_details: StripeSubscriptionDetails | None = None


class StripePeriod(Payload):
    start: Seconds
    end: Seconds


class StripeLineDetails(Payload):
    proration: bool = False


class StripeLineParent(Payload):
    type: str | None = None
    subscription_item_details: StripeLineDetails | None = None


class StripePriceDetails(Payload):
    price: Reference | None = None
    product: Reference | None = None


class StripePricing(Payload):
    price_details: StripePriceDetails | None = None


class StripeLine(StripeSold):
    quantity: int | None = None
    pricing: StripePricing | None = None
    """Here since the API of 2025-03-31, before that in `price`."""
    period: StripePeriod
    type: str | None = None
    proration: bool = False
    parent: StripeLineParent | None = None

    @property
    def all_names(self) -> tuple[str, ...]:
        """The ids that the catalogue may know it by, the most exact first."""
        details = self.pricing.price_details if self.pricing else None
        named = (details.price, details.product) if details else ()
        return tuple(dict.fromkeys([*filter(None, named), *self.names]))

    @property
    def is_whole_period(self) -> bool:
        """Whether it bills a period of the subscription, and not a change within one, or nothing."""
        if self.quantity == 0:
            return False
        if self.parent is None:
            return self.type == "subscription" and not self.proration
        details = self.parent.subscription_item_details
        return details is not None and not details.proration


class StripeLines(Payload):
    data: list[StripeLine] = Field(default_factory=list)


class StripeInvoice(Payload):
    customer: Reference | None = None
    subscription: Reference | None = None
    """Here before the API of 2025-03-31, since then below `parent`."""
    parent: StripeParent | None = None
    lines: StripeLines = Field(default_factory=StripeLines)

    @property
    def subscription_id(self) -> str | None:
        details = self.parent.subscription_details if self.parent else None
        return self.subscription or (details.subscription if details else None)


class StripeLineItems(Payload):
    data: list[dict[str, Any]]


class StripeCheckout(Payload):
    id: Id
    amount_total: int | None = None
    mode: Id | None = None
    payment_status: Id | None = None
    customer: Reference | None = None
    client_reference_id: str | None = None
    payment_intent: Reference | None = None
    invoice: Reference | None = None
    subscription: Reference | None = None
    line_items: StripeLineItems | None = None
    """Stripe leaves them out of its events; who passes events on may add them."""
    metadata: Metadata = None


class StripeCharge(Payload):
    amount: int
    amount_refunded: int
    customer: Reference | None = None
    payment_intent: Reference | None = None


class StripeRefund(Payload):
    id: Id
    amount: int
    status: str | None = None
    created: Seconds = 0
    payment_intent: Reference | None = None


class StripeDispute(Payload):
    id: Id = ""
    status: Id
    payment_intent: Reference | None = None


class StripeLineItem(StripeSold):
    """What a checkout sold."""

    quantity: int | None = None
