"""Models of RevenueCat's events: the fields that are used. Times are milliseconds since 1970."""

from pydantic import Field

from genquota.billing.payloads import Id, Milliseconds, Payload


class RevenueCatEvent(Payload):
    id: Id
    type: Id
    event_timestamp_ms: Milliseconds
    app_user_id: Id | None = None
    original_app_user_id: Id | None = None
    aliases: list[Id] = Field(default_factory=list)
    transferred_from: list[Id] = Field(default_factory=list)
    transferred_to: list[Id] = Field(default_factory=list)


class RevenueCatEnvelope(Payload):
    event: RevenueCatEvent


class RevenueCatTransaction(Payload):
    """What events about one product say beside that."""

    product_id: Id
    transaction_id: Id | None = None
    """Only a temporary entitlement has none."""
    original_transaction_id: Id | None = None
    purchased_at_ms: Milliseconds
    expiration_at_ms: Milliseconds | None = None
    grace_period_expiration_at_ms: Milliseconds | None = None
    period_type: str | None = None
    new_product_id: Id | None = None
    cancel_reason: str | None = None
    expiration_reason: str | None = None
    price: float | None = None
    """Negative: it was given back."""
    price_in_purchased_currency: float | None = None

    @property
    def is_refund(self) -> bool:
        """Whether the price was given back, whatever the reason says."""
        prices = (self.price, self.price_in_purchased_currency)
        return self.cancel_reason == "CUSTOMER_SUPPORT" or any(
            price is not None and price < 0 for price in prices
        )
