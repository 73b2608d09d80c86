"""Receipts of providers' events, and the request to resolve one."""

from typing import Annotated, Any, Literal

from pydantic import Field

from genquota.domain.enums import PAYMENT_PROVIDERS
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.answers.stored import StoredAnswer, StoredText, StoredTexts, StoredTime
from genquota.messages.operators.changes import Noted
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Paged
from genquota.messages.requests.values import Id, UserId

_PROVIDERS = "|".join(PAYMENT_PROVIDERS)
ReceiptId = Annotated[str, Field(pattern=rf"^({_PROVIDERS})_[^/\x00-\x1f\x7f]{{1,255}}$")]
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


class WebhookEventAnswer(StoredAnswer):
    """What became of an event."""

    id: str
    provider: StoredText
    event_id: StoredText
    type: StoredText
    event_at: StoredTime
    received_at: StoredTime
    status: StoredText
    problem: StoredText
    user_id: StoredText
    customer_id: StoredText
    subscription_id: StoredText
    payment_id: StoredText
    products: StoredTexts


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
