"""Overrides: an operator's change of terms, merged with the overrides that exist."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import LimitKey, Override, Rates
from genquota.domain.policy import MAX_OVERRIDES
from genquota.domain.quota.account import Account


def add_override(
    account: Account,
    override: Override | None,
    removed: Iterable[LimitKey | Window | str],
    now: datetime,
) -> Account:
    """Add an override to the existing ones, and remove names from them.

    Args:
        account: Whose.
        override: The new one; None: only take out. One of the same id is replaced.
        removed: Names that no override is to speak of any more: limits by their key, rates by their
            window, and `maxOpen`, `overage`, `planId`.
        now: Aware, UTC.

    Raises:
        InvalidArgument: The account has as many live overrides as it may.
    """
    names = set(removed)
    kept = [_without(each, names) for each in account.overrides if each.is_active(now)]
    if override is not None:
        kept = [each for each in kept if each.id != override.id]
        hidden = set(override_terms(override))
        kept = [_without(each, hidden) if _outlasts(override, each) else each for each in kept]
        kept.append(_after(kept, override))
    kept = [each for each in kept if override_terms(each)]
    if len(kept) > MAX_OVERRIDES:
        raise InvalidArgument(
            (("", f"the user has {MAX_OVERRIDES} live overrides, which is the most"),)
        )
    if tuple(kept) == account.overrides:
        return account
    return replace(account, overrides=tuple(kept))


def _outlasts(override: Override, earlier: Override) -> bool:
    """Return whether an override outlasts an earlier one in all that both name."""
    if override.expires_at is None:
        return True
    return earlier.expires_at is not None and earlier.expires_at <= override.expires_at


def _after(earlier: list[Override], override: Override) -> Override:
    """Let an override be the latest, also when several are laid in one instant."""
    latest = max((each.created_at for each in earlier if each.created_at), default=None)
    if latest and override.created_at and override.created_at <= latest:
        return replace(override, created_at=latest + timedelta(microseconds=1))
    return override


def override_terms(override: Override) -> dict[LimitKey | Window | str, int | str]:
    """Return what an override says, by name: limits by their key, rates by their window."""
    single = {
        "maxOpen": override.rates.max_open,
        "overage": override.overage,
        "planId": override.plan_id,
    }
    said: dict[LimitKey | Window | str, int | str] = {
        name: value for name, value in single.items() if value is not None
    }
    said.update(override.limits.items())
    said.update(override.rates.per_window.items())
    return said


def _without(override: Override, names: set[LimitKey | Window | str]) -> Override:
    rates = Rates(
        {window: most for window, most in override.rates.per_window.items() if window not in names},
        None if "maxOpen" in names else override.rates.max_open,
    )
    return replace(
        override,
        plan_id=None if "planId" in names else override.plan_id,
        limits={key: credits for key, credits in override.limits.items() if key not in names},
        rates=rates,
        overage=None if "overage" in names else override.overage,
    )
