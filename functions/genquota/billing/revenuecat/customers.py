"""Parse the customers of RevenueCat's events: one person with several ids. Pure.

Ids that its SDK made up for users who had not signed in are customers whom nobody knows yet.
"""

from collections.abc import Iterable
from dataclasses import replace

from genquota.billing.domain.provider_events import ProviderEvent, Transfer
from genquota.billing.revenuecat.payloads import RevenueCatEvent
from genquota.domain.errors import InvalidArgument

_ANONYMOUS = "$RCAnonymousID:"
_MOST_ALIASES = 50


def with_customer(event: ProviderEvent, payload: RevenueCatEvent) -> ProviderEvent:
    """Say whose it is. All its ids are names of one person."""
    if payload.app_user_id is None:
        raise InvalidArgument((("event.app_user_id", "missing"),))
    others = [each for each in (payload.original_app_user_id, *payload.aliases) if each]
    return _named(event, payload.app_user_id, others)


def with_transfer(event: ProviderEvent, payload: RevenueCatEvent) -> ProviderEvent:
    to_ids = payload.transferred_to
    if not payload.transferred_from or not to_ids:
        raise InvalidArgument((("event.transferred_to", "missing"),))
    to_id = next(iter(_not_made_up(to_ids)), to_ids[0])
    from_ids = tuple(each for each in payload.transferred_from if each not in to_ids)
    return replace(_named(event, to_id, to_ids), transfer=Transfer(from_ids, to_id))


def _named(event: ProviderEvent, customer_id: str, others: Iterable[str]) -> ProviderEvent:
    """Return the event with its customer, and all who may be the user."""
    aliases = tuple(dict.fromkeys(each for each in others if each != customer_id))[:_MOST_ALIASES]
    candidates = tuple(_not_made_up((customer_id, *aliases)))
    return replace(
        event,
        customer_id=customer_id,
        user_id=candidates[0] if candidates else None,
        candidates=candidates,
        aliases=aliases,
    )


def _not_made_up(ids: Iterable[str]) -> list[str]:
    return [each for each in ids if not each.startswith(_ANONYMOUS)]
