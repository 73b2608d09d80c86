"""The interface of a payment provider. Each has an object in its folder; `registry.py` lists them.

A provider's module is imported with every function, so it imports what it does only when it is called.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from genquota.domain.enums import Provider
from genquota.domain.records import dataclass
from genquota.settings import Secret

if TYPE_CHECKING:
    from genquota.billing.domain.provider_events import ProviderEvent

Header = Callable[[str], str | None]
"""Returns a request's header by its name."""
Verify = Callable[[bytes, Header], None]
Parse = Callable[[object], "ProviderEvent"]
Refresh = Callable[["ProviderEvent"], "ProviderEvent"]


def _has_no_api() -> Refresh | None:
    return None


@dataclass(frozen=True, slots=True)
class PaymentProvider:
    """One provider: how its requests are verified and read, and how its events are ordered."""

    name: Provider
    """The key of its products in `plans/*.products` and `packs/*.products`."""
    secrets: tuple[Secret, ...]
    """What its webhook is deployed with."""
    verify: Verify
    """Checks who sent a body, by its headers. Raises InvalidSignature."""
    parse: Parse
    """Turns the JSON of a body into an event. Raises InvalidArgument."""
    refresher: Callable[[], Refresh | None] = _has_no_api
    """Gives what asks the provider how an event's subscription is now, where two events of the same
    instant differ. None: the ids of the events decide their order."""

    @property
    def webhook(self) -> str:
        """The name of its function."""
        return f"{self.name.value}_webhook"
