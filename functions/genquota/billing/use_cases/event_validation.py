"""Validation of providers' events: only what can be stored is applied."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from genquota.billing.domain.provider_events import ProviderEvent
from genquota.domain.errors import InvalidArgument
from genquota.domain.texts import MAX_UID_CHARS, is_document_name, is_storable


def validate_event(event: ProviderEvent) -> ProviderEvent:
    """Return the event if all that it names can be stored; a user who cannot be one is unknown.

    Raises:
        InvalidArgument: A name cannot be a document's, or a text cannot be stored.
    """
    names = [event.id, event.customer_id, event.payment_id]
    names += [event.subscription.id] if event.subscription else []
    names += [*event.transfer.from_ids, event.transfer.to_id] if event.transfer else []
    if not all(is_document_name(name) for name in names if name is not None):
        raise InvalidArgument((("id", "not a name"),))
    if event.user_id is not None and not _is_uid(event.user_id):
        event = replace(event, user_id=None)
    if event.candidates or event.aliases:
        event = replace(
            event,
            candidates=tuple(filter(_is_uid, event.candidates)),
            aliases=tuple(filter(is_document_name, event.aliases)),
        )
    purchase = event.purchase
    if purchase and purchase.pack_id is not None and not is_document_name(purchase.pack_id):
        event = replace(event, purchase=replace(purchase, pack_id=None))
    if not all(is_storable(text) for text in _texts(event)):
        raise InvalidArgument((("", "a text that cannot be stored"),))
    return event


def _texts(event: ProviderEvent) -> Iterator[str]:
    """Yield all texts of an event, however deep."""
    left: list[Any] = [event]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            left.extend(value)
        elif is_dataclass(value):
            left.extend(getattr(value, each.name) for each in fields(value))


def _is_uid(text: str) -> bool:
    """Return whether it can be a uid; what came with a link to a checkout may be anything."""
    return len(text) <= MAX_UID_CHARS and text.isprintable() and is_document_name(text)
