"""The registry of payment providers: each is whole, and nothing else lists them."""

from __future__ import annotations

from genquota.billing.domain.provider_traits import TRAITS
from genquota.billing.registry import PROVIDERS
from genquota.domain.enums import PAYMENT_PROVIDERS, Provider
from tests.unit.test_house import PACKAGE, attributes_of, name_of, sources

OWN = ("provider", "events")
NAMED_IN = {
    # What each provider's own folder, and the two tables of providers, are for.
    *(f"billing/{each.value}/{name}.py" for each in PAYMENT_PROVIDERS for name in OWN),
    "billing/domain/provider_traits.py",
    "domain/enums.py",
    # Records of form 1 are of these two, whatever comes later.
    "billing/store/billing_form_1.py",
}


def test_every_provider_is_registered_once_and_has_traits() -> None:
    assert sorted(provider.name for provider in PROVIDERS) == sorted(PAYMENT_PROVIDERS)
    assert set(TRAITS) == set(Provider)


def test_every_provider_has_a_folder_of_its_name() -> None:
    assert all(
        (PACKAGE / "billing" / each.value / "provider.py").is_file() for each in PAYMENT_PROVIDERS
    )


def test_every_provider_has_its_own_secrets() -> None:
    for provider in PROVIDERS:
        secrets = [secret.name for secret in provider.secrets]
        assert secrets
        assert len(secrets) == len(set(secrets))
        assert all(name.startswith(f"{provider.name.value.upper()}_") for name in secrets)


def test_nothing_else_asks_which_provider_it_is() -> None:
    named = {f"Provider.{provider.name}" for provider in PAYMENT_PROVIDERS}
    found = {
        name_of(path)
        for path in sources(PACKAGE)
        if named & attributes_of(path) or name_of(path) == "domain/enums.py"
    }
    assert found == NAMED_IN
