"""RevenueCat's events, as far as they are used. Times are milliseconds since 1970."""

from pydantic import Field

from genquota.messages.provider_payloads import Id, Milliseconds, Payload


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
    transaction_id: Id
    original_transaction_id: Id | None = None
    purchased_at_ms: Milliseconds
    expiration_at_ms: Milliseconds | None = None
    grace_period_expiration_at_ms: Milliseconds | None = None
    period_type: str | None = None
    new_product_id: Id | None = None
    cancel_reason: str | None = None
    expiration_reason: str | None = None

    @property
    def subscription_id(self) -> str:
        return self.original_transaction_id or self.transaction_id
