"""Changes of one user's limits, rates and overage: stored as overrides, or removed from them.

    {"limits": {"day": 5, "week": null}, "rates": {"maxOpen": 3}, "expiresAt": …}

Each name that is there is replaced, up or down; null takes the operators' word on it back, so that the
plan's counts again. null instead of a map takes back all that could stand in it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from genquota.domain.changes.overrides import add_override, override_terms
from genquota.domain.changes.plan_change import PLAN_NAME
from genquota.domain.enums import LIMIT_WINDOWS, RATE_WINDOWS, UNLIMITED, Window, is_document_name
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import LimitKey, Override, Rates
from genquota.domain.quota.account import Account

_NAMELESS = re.compile(r"limits-(\d+)")
"""The ids of overrides that operators laid without naming them."""

_MAX_OPEN = "maxOpen"
_OVERAGE = "overage"
_MOST = 2**63 - 1
_LONGEST_TYPE = 128
_FIELDS = {"limits", "limitsByType", "rates", _OVERAGE, "expiresAt", PLAN_NAME}

Name = LimitKey | Window | str


@dataclass(frozen=True, slots=True)
class LimitChanges:
    """Names of terms, with what is said of them."""

    values: Mapping[Name, int | str | None]
    """None: no longer anything."""
    expires_at: datetime | None

    @property
    def removed(self) -> frozenset[Name]:
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
                numbers.get(_MAX_OPEN),
            ),
            numbers.get(_OVERAGE),
            self.expires_at,
            now,
        )


def parse_limit_changes(
    values: Mapping[str, object], account: Account, now: datetime
) -> LimitChanges:
    """Parse what is said.

    Args:
        values: `limits`, `limitsByType`, `rates`, `overage`, `planId`, `expiresAt` (a time), any of them.
        account: Whose; tells which types an earlier word was about.
        now: Aware, UTC.

    Raises:
        InvalidArgument: A name or value is none.
    """
    if unknown := sorted(values.keys() - _FIELDS):
        raise InvalidArgument(tuple((name, "unknown field") for name in unknown))
    expires_at = values.get("expiresAt")
    if expires_at is not None and (not isinstance(expires_at, datetime) or expires_at <= now):
        raise InvalidArgument((("expiresAt", "is not in the future"),))
    found = dict(_named(values, account))
    if not found:
        raise InvalidArgument((("", "names nothing to change"),))
    whole = expires_at.replace(microsecond=0) if expires_at else None
    return LimitChanges(found, whole)


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


def _readable(name: Name) -> str:
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


def _named(
    values: Mapping[str, object], account: Account
) -> Iterator[tuple[Name, int | str | None]]:
    if "limits" in values:
        yield from _limits("limits", values["limits"], None)
    if "limitsByType" in values:
        yield from _limits_by_type(values["limitsByType"], account)
    if "rates" in values:
        names: dict[str, Name] = {window.value: window for window in RATE_WINDOWS}
        yield from _numbers("rates", values["rates"], names | {_MAX_OPEN: _MAX_OPEN})
    if _OVERAGE in values:
        yield _OVERAGE, _number(_OVERAGE, values[_OVERAGE])
    if PLAN_NAME in values:
        plan_id = values[PLAN_NAME]
        if plan_id is not None and not isinstance(plan_id, str):
            raise InvalidArgument(((PLAN_NAME, "a text was expected"),))
        yield PLAN_NAME, plan_id


def _limits_by_type(values: object, account: Account) -> Iterator[tuple[Name, int | str | None]]:
    if values is None:
        earlier = (key for each in account.overrides for key in each.limits)
        yield from ((key, None) for key in earlier if key[1] is not None)
        return
    if not isinstance(values, Mapping):
        raise InvalidArgument((("limitsByType", "a map was expected"),))
    for type_, named in values.items():
        if len(type_) > _LONGEST_TYPE or not is_document_name(type_):
            raise InvalidArgument((("limitsByType", "no name of a type"),))
        yield from _limits(f"limitsByType.{type_}", named, type_)


def _limits(path: str, values: object, type_: str | None) -> Iterator[tuple[Name, int | None]]:
    return _numbers(path, values, {window.value: (window, type_) for window in LIMIT_WINDOWS})


def _numbers(
    path: str, values: object, names: Mapping[str, Name]
) -> Iterator[tuple[Name, int | None]]:
    if values is None:
        values = dict.fromkeys(names)
    if not isinstance(values, Mapping):
        raise InvalidArgument(((path, "a map was expected"),))
    for name, value in values.items():
        if name not in names:
            raise InvalidArgument(((f"{path}.{name}", "unknown name"),))
        yield names[name], _number(f"{path}.{name}", value)


def _number(path: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not UNLIMITED <= value <= _MOST:
        raise InvalidArgument(((path, f"not a whole number from {UNLIMITED} up"),))
    return value
