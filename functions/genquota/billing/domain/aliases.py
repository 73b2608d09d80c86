"""Aliases: which customers of a provider are one person, as its events report."""

from collections.abc import Iterable, Mapping

from genquota.billing.domain.lww_registers import LwwRegister
from genquota.billing.domain.provider_events import ProviderEvent

_MOST_ALIASES = 100
"""Of one customer, the oldest."""

Aliases = tuple[LwwRegister[str], ...]
"""Of one customer, each since it was first said, oldest first."""


def aliases_in(event: ProviderEvent, customer_id: str) -> tuple[str, ...]:
    """Return the customers to whom an event links one: all to the user, if the user is one of them."""
    names = dict.fromkeys((event.customer_id, *event.aliases))
    if event.customer_id is None or customer_id not in names:
        return ()
    main = event.user_id if event.user_id in names else event.customer_id
    return tuple(each for each in names if each and (each == main) != (customer_id == main))


def with_alias(aliases: Aliases, alias: LwwRegister[str]) -> Aliases:
    """Return aliases with one more, or with one that was said earlier than was known."""
    known = {each.value: each for each in aliases}
    if alias.value in known and known[alias.value].version <= alias.version:
        return aliases
    known[alias.value] = alias
    ordered = sorted(known.values(), key=lambda each: (each.version, each.value))
    return tuple(ordered[:_MOST_ALIASES])


def linked_customers(names: Iterable[str], aliases: Mapping[str, Aliases]) -> set[str]:
    """Return customers and all to whom aliases link them, as far as ``aliases``, by customer, tell."""
    found, left = set[str](), list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [each.value for each in aliases.get(name, ())]
    return found
