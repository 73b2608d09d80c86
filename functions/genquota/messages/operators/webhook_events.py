"""Receipts of providers' events, and the request to resolve one."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import Stored
from genquota.messages.operators.changes import Noted
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Paged
from genquota.messages.requests.values import Id, UserId

ReceiptId = Annotated[str, Field(pattern=r"^(stripe|revenuecat)_[^/\x00-\x1f\x7f]{1,255}$")]
"""`{provider}_{eventId}`."""


class WebhookEventsQuery(Paged):
    status: Literal["processed", "ignored", "unmatched"] | None = None


class WebhookEventPath(Message):
    receipt_id: ReceiptId


class ResolveEvent(Noted):
    """What was missing. Nothing of it: try again, after an edit of the catalogue."""

    user_id: UserId | None = None
    """Whose it is."""
    plan_id: Id | None = None
    """The plan that its products are, this once."""
    pack_id: Id | None = None
    """The pack that was bought, this once."""


class WebhookEventAnswer(Answer):
    """What became of an event."""

    id: str
    provider: str | None
    event_id: str | None
    type: str | None
    event_at: Time | None
    received_at: Time | None
    status: str | None
    problem: str | None
    user_id: str | None
    customer_id: str | None
    subscription_id: str | None
    payment_id: str | None
    products: list[str]

    @classmethod
    def of(cls, receipt_id: str, data: Mapping[str, Any]) -> Self:
        stored = Stored(data)
        products = data.get("products")
        return cls(
            id=receipt_id,
            provider=stored.text("provider"),
            event_id=stored.text("eventId"),
            type=stored.text("type"),
            event_at=stored.time("eventAt"),
            received_at=stored.time("receivedAt"),
            status=stored.text("status"),
            problem=stored.text("problem"),
            user_id=stored.text("userId"),
            customer_id=stored.text("customerId"),
            subscription_id=stored.text("subscriptionId"),
            payment_id=stored.text("paymentId"),
            products=[each for each in products or [] if isinstance(each, str)],
        )


class ResolveAnswer(Answer):
    """What resolving an event did, or in a dry run would do."""

    action: str
    id: str
    """Of the receipt."""
    dry_run: bool
    changed: bool
    """False: it was dealt with before, and nothing was written."""
    audit_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]
