"""Lenient reading of plans and overrides: from document to terms.

Operators may edit these documents in the Firebase console, so nothing here trusts a field's type. What
cannot be understood gives no rights: a limit that is no whole number makes the whole plan count as
missing, and whoever is on it is refused with `no-plan`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from genquota.domain.bounds import MAX_HOLD_SECONDS, MAX_INTEGER, MAX_PERIOD_UNITS, MAX_TRIAL_DAYS
from genquota.domain.enums import (
    LIMIT_WINDOWS,
    RATE_WINDOWS,
    UNLIMITED,
    Anchor,
    Unit,
    Window,
)
from genquota.domain.plans.plans import (
    LimitKey,
    Override,
    PeriodRule,
    Plan,
    Price,
    Rates,
)
from genquota.store.documents import to_utc_datetime

_W = TypeVar("_W", Unit, Anchor)
_RATE_NAMES = frozenset(window.value for window in RATE_WINDOWS) | {"maxOpen"}
_LIMIT_NAMES = frozenset(window.value for window in LIMIT_WINDOWS)


class MalformedTerms(ValueError):
    """A document that should state terms does not."""


def read_plan(plan_id: str, data: Mapping[str, Any]) -> Plan:
    """Parse `plans/{planId}`.

    Raises:
        MalformedTerms: The document says something that a plan cannot say.
    """
    if not isinstance(data.get("limits"), Mapping):
        raise MalformedTerms("limits: missing")
    period = _mapping(data.get("period"))
    return Plan(
        id=plan_id,
        limits=_limits(data),
        rates=_rates(data.get("rates")),
        prices=_prices(data.get("prices")),
        overage=_number(data.get("overage", 0), "overage"),
        period=PeriodRule(
            _word(Unit, period.get("unit", "month"), "period.unit"),
            _number(period.get("count", 1), "period.count", least=1, most=MAX_PERIOD_UNITS),
            _word(Anchor, period.get("anchor", "subscription"), "period.anchor"),
        ),
        name=str(data.get("name") or plan_id),
        tier=str(data.get("tier") or plan_id),
        rank=_number(data.get("rank", 0), "rank"),
        active=data.get("active") is not False,
        trial_days=_trial_days(data.get("trialDays")),
    )


def read_overrides(entries: object) -> tuple[Override, ...]:
    """Parse `users/{uid}.quota.overrides`, oldest first.

    Raises:
        MalformedTerms: One of them is no override; without it the user might have too much.
    """
    named = {key: _mapping(entry) for key, entry in _mapping(entries).items()}
    overrides = [_override(override_id, entry) for override_id, entry in named.items()]
    return tuple(sorted(overrides, key=lambda each: (each.created_at, each.id)))


def override_to_document(override: Override) -> dict[str, Any]:
    """Write what `read_overrides` reads."""
    in_all = {
        window.value: credits
        for (window, type_), credits in override.limits.items()
        if type_ is None
    }
    by_type: dict[str, dict[str, int]] = {}
    for (window, type_), credits in override.limits.items():
        if type_ is not None:
            by_type.setdefault(type_, {})[window.value] = credits
    rates = {window.value: most for window, most in override.rates.per_window.items()}
    if override.rates.max_open is not None:
        rates["maxOpen"] = override.rates.max_open
    terms = {
        "planId": override.plan_id,
        "limits": in_all or None,
        "limitsByType": by_type or None,
        "rates": rates or None,
        "overage": override.overage,
        "expiresAt": override.expires_at,
    }
    named = {name: value for name, value in terms.items() if value is not None}
    return {"createdAt": override.created_at, **named}


def _override(override_id: str, entry: Mapping[str, Any]) -> Override:
    overage, expires_at = entry.get("overage"), entry.get("expiresAt")
    return Override(
        id=override_id,
        plan_id=_text(entry.get("planId"), "planId"),
        limits=_limits(entry),
        rates=_rates(entry.get("rates")),
        overage=None if overage is None else _number(overage, "overage"),
        expires_at=None if expires_at is None else _time(expires_at).replace(microsecond=0),
        created_at=_time(entry.get("createdAt")),
    )


def _limits(data: Mapping[str, Any]) -> dict[LimitKey, int]:
    limits: dict[LimitKey, int] = {}
    by_type: list[tuple[str | None, Any]] = [(None, data.get("limits"))]
    by_type.extend(_mapping(data.get("limitsByType")).items())
    for type_, named in by_type:
        for name, credits in _mapping(named).items():
            if name not in _LIMIT_NAMES:
                raise MalformedTerms(f"limits: unknown window {name}")
            limits[Window(name), type_] = _number(credits, f"limits.{name}")
    return limits


def _rates(data: object) -> Rates:
    named = _mapping(data)
    if named.keys() - _RATE_NAMES:
        raise MalformedTerms("rates: unknown name")
    per_window = {
        window: _number(named[window.value], window.value)
        for window in RATE_WINDOWS
        if named.get(window.value) is not None
    }
    most = named.get("maxOpen")
    return Rates(per_window, None if most is None else _number(most, "maxOpen"))


def _prices(data: object) -> tuple[Price, ...]:
    if data is None:
        return ()
    if not isinstance(data, list):
        raise MalformedTerms("prices: a list was expected")
    return tuple(map(_price, data))


def _price(data: object) -> Price:
    entry = _mapping(data)
    hold = entry.get("holdSeconds")
    return Price(
        credits=_number(entry.get("credits"), "prices.credits", least=0),
        type=_text(entry.get("type"), "prices.type"),
        engine=_text(entry.get("engine"), "prices.engine"),
        quality=_text(entry.get("quality"), "prices.quality"),
        hold=None
        if hold is None
        else timedelta(seconds=min(MAX_HOLD_SECONDS, _number(hold, "prices.holdSeconds", least=1))),
    )


def _trial_days(value: object) -> int | None:
    """Return the days of a trial. Nobody who has paid loses a plan because of a wrong one."""
    try:
        return _number(value, "trialDays", least=1, most=MAX_TRIAL_DAYS)
    except MalformedTerms:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedTerms("a map was expected")
    return value


def _number(value: object, name: str, least: int = UNLIMITED, most: int = MAX_INTEGER) -> int:
    # The console stores 10 as a double when it was typed so.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise MalformedTerms(f"{name}: not a whole number from {least} to {most}")
    return value


def _word(words: type[_W], value: object, name: str) -> _W:
    for word in words:
        if word == value:
            return word
    raise MalformedTerms(f"{name}: unknown")


def _text(value: object, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise MalformedTerms(f"{name}: not a text")
    return value


def _time(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise MalformedTerms("a time was expected")
    return to_utc_datetime(value)
