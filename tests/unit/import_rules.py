"""Which rooms the package has, and what each may import."""

from __future__ import annotations

from genquota.domain.enums import PAYMENT_PROVIDERS

ROOMS: dict[str, tuple[str, ...]] = {
    "domain": ("genquota.domain",),
    "messages": ("genquota.domain", "genquota.messages", "pydantic"),
    "store": ("genquota.domain", "genquota.store", "google.cloud.firestore", "google.api_core"),
    "use_cases": ("genquota.domain", "genquota.store", "genquota.use_cases"),
    "billing/domain": ("genquota.domain", "genquota.billing.domain"),
    "billing/store": (
        *("genquota.domain", "genquota.billing.domain"),
        *("genquota.store", "genquota.billing.store", "google.cloud.firestore", "pydantic"),
    ),
    "billing/use_cases": (
        *("genquota.domain", "genquota.billing.domain"),
        *("genquota.store", "genquota.billing.store"),
        *("genquota.use_cases.core", "genquota.billing.use_cases"),
    ),
    "billing/webhooks": (
        *("genquota.billing", "genquota.domain", "genquota.triggers"),
        *("firebase_functions", "flask"),
    ),
    # One provider's folder knows the slice's root and rules, and no other provider.
    **{
        f"billing/{provider.value}": (
            *("genquota.settings", "genquota.domain", "pydantic"),
            *("genquota.billing.domain", "genquota.billing.payloads", "genquota.billing.provider"),
            *("genquota.billing.signatures", f"genquota.billing.{provider.value}"),
        )
        for provider in PAYMENT_PROVIDERS
    },
    "billing": ("genquota.billing", "genquota.domain", "genquota.settings", "pydantic"),
    "triggers": ("genquota", "firebase_functions", "flask", "flask_cors", "werkzeug"),
    "version.py": (),
    "params.py": ("firebase_functions",),
    "settings.py": ("genquota.domain", "genquota.params"),
    "__init__.py": ("genquota.triggers",),
}
"""What each room of the package may import beside the standard library; the longest path counts."""
