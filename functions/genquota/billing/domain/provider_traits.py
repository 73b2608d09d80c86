"""How each provider's events are to be read by the rules, where providers differ."""

from collections.abc import Mapping

from genquota.domain.enums import Provider
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class ProviderTraits:
    """What is peculiar to the events of a provider."""

    names_user_of_sale: bool
    """An event may name the user of its subscription or payment. Otherwise it names customers only, and
    aliases and transfers say who has what of theirs."""
    sells_plans_like_packs: bool
    """One event may be about a plan or a pack: the catalogue decides by its product."""


TRAITS: Mapping[Provider, ProviderTraits] = {
    Provider.STRIPE: ProviderTraits(names_user_of_sale=True, sells_plans_like_packs=False),
    Provider.REVENUECAT: ProviderTraits(names_user_of_sale=False, sells_plans_like_packs=True),
    Provider.MANUAL: ProviderTraits(names_user_of_sale=False, sells_plans_like_packs=False),
}
