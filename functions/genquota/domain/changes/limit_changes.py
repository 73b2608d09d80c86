"""Changes of one user's limits, rates and overage: stored as overrides, or removed from them.

Each name is replaced, up or down; None removes it from the overrides, so that the plan's value counts again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from genquota.domain.changes.overrides import add_override, override_terms
from genquota.domain.changes.plan_change import PLAN_NAME
from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import LimitKey, Override, Rates
from genquota.domain.quota.account import Account

_NAMELESS = re.compile(r"limits-(\d+)")
"""The ids of overrides that operators laid without naming them."""

MAX_OPEN_NAME = "maxOpen"
OVERAGE_NAME = "overage"

LimitName = LimitKey | Window | str


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
