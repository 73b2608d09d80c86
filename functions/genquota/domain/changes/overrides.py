"""Overrides of one user's terms: changes of limits, rates and overage, merged with what was laid down before.

Each name is replaced, up or down; None removes it from the overrides, so that the plan's value counts again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import LimitKey, Override, Rates
from genquota.domain.policy import MAX_OVERRIDES
from genquota.domain.quota.account import Account
from genquota.domain.records import dataclass

_NAMELESS = re.compile(r"limits-(\d+)")
"""The ids of overrides that operators laid without naming them."""

PLAN_NAME = "planId"
MAX_OPEN_NAME = "maxOpen"
OVERAGE_NAME = "overage"
"""What overrides call the terms that are of no window."""

LimitName = LimitKey | Window | str
"""Limits by their key, rates by their window, and the names above."""


@dataclass(frozen=True, slots=True)
class LimitChanges:
    """Names of terms, with what is said of them."""

    values: Mapping[LimitName, int | str | None]
    """None: no longer anything."""
    expires_at: datetime | None
    removes_types: bool = False
    """Whatever overrides say of single types is removed."""

    @property
    def removed(self) -> frozenset[LimitName]:
        return frozenset(name for name, value in self.values.items() if value is None)

    def as_override(self, override_id: str, now: datetime) -> Override | None:
        """Return what is laid down; None: nothing is."""
        laid = {name: value for name, value in self.values.items() if value is not None}
        if not laid:
            return None
        numbers = {name: value for name, value in laid.items() if isinstance(value, int)}
        plan_id = laid.get(PLAN_NAME)
        return Override(
            override_id,
            plan_id if isinstance(plan_id, str) else None,
            {name: credits for name, credits in numbers.items() if isinstance(name, tuple)},
            Rates(
                {name: most for name, most in numbers.items() if isinstance(name, Window)},
                numbers.get(MAX_OPEN_NAME),
            ),
            numbers.get(OVERAGE_NAME),
            self.expires_at,
            now,
        )


def resolve_limit_changes(changes: LimitChanges, account: Account, now: datetime) -> LimitChanges:
    """Return the changes with all names that they mean for an account.

    Args:
        changes: As they were requested.
        account: Whose; has the types that are removed.
        now: Aware, UTC.

    Raises:
        InvalidArgument: They name nothing, or would end before they begin.
    """
    expires_at = changes.expires_at
    if expires_at is not None and expires_at <= now:
        raise InvalidArgument((("expiresAt", "is not in the future"),))
    values = dict(changes.values)
    if changes.removes_types:
        overridden = (key for each in account.overrides for key in each.limits)
        values |= {key: None for key in overridden if key[1] is not None}
    if not values:
        raise InvalidArgument((("", "names nothing to change"),))
    return LimitChanges(values, expires_at.replace(microsecond=0) if expires_at else None)


def change_limits(
    account: Account, changes: LimitChanges, override_id: str | None, now: datetime
) -> Account:
    """Lay down and take out what is said.

    Args:
        account: Rolled to now.
        changes: What is said.
        override_id: Of an override that stands for itself. None: it joins the newest one of the account
            if that has no name of its own either and ends at the same time; an older one is left alone,
            for what was laid between the two must not lose against it.
        now: Aware, UTC.

    Raises:
        InvalidArgument: The account has as many live overrides as it may.
    """
    account = add_override(account, None, changes.removed, now)
    override = changes.as_override(override_id or _next_id(account), now)
    if override is None:
        return account
    last = account.overrides[-1] if account.overrides else None
    is_like = last and override_id is None and _NAMELESS.fullmatch(last.id)
    if last and is_like and last.expires_at == override.expires_at:
        override = _joined(last, override)
    return add_override(account, override, (), now)


def _next_id(account: Account) -> str:
    found = (_NAMELESS.fullmatch(each.id) for each in account.overrides)
    return f"limits-{1 + max((int(each[1]) for each in found if each), default=0)}"


def overridden_before(
    account: Account, changes: LimitChanges, now: datetime
) -> dict[str, int | str | None]:
    """Return what overrides said of the names until now, by a readable name."""
    found: dict[str, int | str | None] = {}
    for name in changes.values:
        found[_readable(name)] = None
        for override in account.overrides:
            value = override_terms(override).get(name)
            if value is not None and override.is_active(now):
                found[_readable(name)] = value
    return found


def overridden_after(changes: LimitChanges) -> dict[str, int | str | None]:
    """Return what is said, by a readable name."""
    return {_readable(name): value for name, value in changes.values.items()}


def _readable(name: LimitName) -> str:
    if not isinstance(name, tuple):
        return str(name)
    window, type_ = name
    return f"{type_}.{window}" if type_ else str(window)


def _joined(earlier: Override, later: Override) -> Override:
    rates = Rates(
        {**earlier.rates.per_window, **later.rates.per_window},
        earlier.rates.max_open if later.rates.max_open is None else later.rates.max_open,
    )
    return replace(
        later,
        id=earlier.id,
        limits={**earlier.limits, **later.limits},
        rates=rates,
        overage=earlier.overage if later.overage is None else later.overage,
    )


def add_override(
    account: Account,
    override: Override | None,
    removed: Iterable[LimitName],
    now: datetime,
) -> Account:
    """Add an override to the existing ones, and remove names from them.

    Args:
        account: Whose.
        override: The new one; None: only take out. One of the same id is replaced.
        removed: Names that no override is to speak of any more.
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


def override_terms(override: Override) -> dict[LimitName, int | str]:
    """Return what an override says, by name: limits by their key, rates by their window."""
    single = {
        MAX_OPEN_NAME: override.rates.max_open,
        OVERAGE_NAME: override.overage,
        PLAN_NAME: override.plan_id,
    }
    terms: dict[LimitName, int | str] = {
        name: value for name, value in single.items() if value is not None
    }
    terms.update(override.limits.items())
    terms.update(override.rates.per_window.items())
    return terms


def _without(override: Override, names: set[LimitName]) -> Override:
    rates = Rates(
        {window: most for window, most in override.rates.per_window.items() if window not in names},
        None if MAX_OPEN_NAME in names else override.rates.max_open,
    )
    return replace(
        override,
        plan_id=None if PLAN_NAME in names else override.plan_id,
        limits={key: credits for key, credits in override.limits.items() if key not in names},
        rates=rates,
        overage=None if OVERAGE_NAME in names else override.overage,
    )
