"""Namings: which user events name for a customer, which of them count, and from when."""

from collections.abc import Iterable

from genquota.billing.domain.lww_registers import LwwRegister, Version
from genquota.billing.domain.provider_events import NamedBy, Naming

_MOST_NAMINGS = 16
"""Of one customer. Beyond, those between two that say the same are forgotten."""

Namings = tuple[LwwRegister[Naming], ...]
"""Of one customer, oldest first."""


def with_naming(namings: Namings, naming: LwwRegister[Naming]) -> Namings:
    """Return what was said with one more."""
    if naming in namings:
        return namings
    ordered = namings_in_order((*namings, naming))
    return ordered if len(ordered) <= _MOST_NAMINGS else tuple(_without_repeats(ordered))


def namings_in_order(namings: Iterable[LwwRegister[Naming]]) -> Namings:
    """Return what was said, oldest first. Of one second, metadata counts more than what came with a link."""
    return tuple(sorted(namings, key=_time_order))


def certain_namings(namings: Namings) -> Namings:
    """Return the certain ones; if nothing is certain, the newest guess."""
    if len(namings) <= 1:
        return namings
    certain = tuple(each for each in namings if each.value.by > NamedBy.GUESS)
    guesses = tuple(each for each in namings if each.value.by is NamedBy.GUESS)
    return certain or guesses[-1:] or namings[-1:]


def of_alias(namings: Namings, customer_id: str) -> Namings:
    """Return who an alias is: of several others the first, whichever of them is said again."""
    others = [each for each in namings if each.value.user_id != customer_id]
    return tuple(each for each in namings if each not in others[1:])


def naming_at(namings: Namings, version: Version) -> LwwRegister[Naming] | None:
    """Return what was known then, else the first that is known since; None if nothing is."""
    before = [each for each in namings if each.version <= version]
    return before[-1] if before else next(iter(namings), None)


def naming_order(register: LwwRegister[Naming]) -> tuple[NamedBy, Version]:
    """Return what decides between namings of one thing: what named it, then the version."""
    return register.value.by, register.version


def _time_order(register: LwwRegister[Naming]) -> tuple[Version, NamedBy]:
    version = register.version
    return version._replace(precedence=register.value.by), register.value.by


def _without_repeats(namings: Namings) -> Iterable[LwwRegister[Naming]]:
    """Yield the first and last of each run that says one thing."""
    for index, each in enumerate(namings):
        neighbours = namings[max(0, index - 1) : index + 2]
        is_edge = index in (0, len(namings) - 1)
        if is_edge or any(other.value != each.value for other in neighbours):
            yield each
