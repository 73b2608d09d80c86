"""Plans, overrides and the copy of the subscription: from document to terms.

Operators may edit these documents in the Firebase console, so nothing here trusts a field's type. What
cannot be understood gives no rights: a limit that is no whole number makes the whole plan count as
missing, and whoever is on it is refused with `no-plan`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from genquota.domain.plans import (
    LimitKey,
    Override,
    PeriodRule,
    Plan,
    Price,
    Rates,
    Subscription,
)
from genquota.domain.words import (
    LIMIT_WINDOWS,
    RATE_WINDOWS,
    UNLIMITED,
    Anchor,
    SubscriptionStatus,
    Unit,
    Window,
)
from genquota.store.clock import plain

_W = TypeVar("_W", Unit, Anchor)
_RATE_NAMES = frozenset(window.value for window in RATE_WINDOWS) | {"maxOpen"}
_LIMIT_NAMES = frozenset(window.value for window in LIMIT_WINDOWS)


MOST_UNITS = 1000
"""In one period: longer ones end beyond the calendar."""


class MalformedTerms(ValueError):
    """A document that should state terms does not."""


def read_plan(plan_id: str, data: Mapping[str, Any]) -> Plan:
    """Understand `plans/{planId}`.

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
            _number(period.get("count", 1), "period.count", least=1, most=MOST_UNITS),
            _word(Anchor, period.get("anchor", "subscription"), "period.anchor"),
        ),
        name=str(data.get("name") or plan_id),
        tier=str(data.get("tier") or plan_id),
        rank=_number(data.get("rank", 0), "rank"),
    )


def read_overrides(entries: object) -> tuple[Override, ...]:
    """Understand `users/{uid}.quota.overrides`, oldest first.

    Raises:
        MalformedTerms: One of them is no override; without it the user might have too much.
    """
    named = {key: _mapping(entry) for key, entry in _mapping(entries).items()}
    ids = sorted(named, key=lambda key: (_time(named[key].get("createdAt")), key))
    return tuple(_override(override_id, named[override_id]) for override_id in ids)


def _override(override_id: str, entry: Mapping[str, Any]) -> Override:
    overage, expires_at = entry.get("overage"), entry.get("expiresAt")
    return Override(
        id=override_id,
        plan_id=_text(entry.get("planId"), "planId"),
        limits=_limits(entry),
        rates=_rates(entry.get("rates")),
        overage=None if overage is None else _number(overage, "overage"),
        expires_at=None if expires_at is None else _time(expires_at).replace(microsecond=0),
    )


def read_subscription(data: object) -> Subscription | None:
    """Understand `users/{uid}.subscription`; what is no subscription is none."""
    if not isinstance(data, Mapping):
        return None
    status, plan_id, end = data.get("status"), data.get("planId"), data.get("currentPeriodEnd")
    if status not in tuple(SubscriptionStatus) or not isinstance(plan_id, str) or not plan_id:
        return None
    if end is not None and not isinstance(end, datetime):
        return None
    return Subscription(
        id=str(data.get("id") or ""),
        plan_id=plan_id,
        status=SubscriptionStatus(status),
        anchor=_instant(data.get("anchor")),
        current_period_start=_instant(data.get("currentPeriodStart")),
        current_period_end=_instant(end),
        cancel_at_period_end=data.get("cancelAtPeriodEnd") is True,
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
        else timedelta(seconds=min(86_400, _number(hold, "prices.holdSeconds", least=1))),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedTerms("a map was expected")
    return value


def _number(value: object, name: str, least: int = UNLIMITED, most: int = 2**63 - 1) -> int:
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
    return plain(value)


def _instant(value: object) -> datetime | None:
    return plain(value).replace(microsecond=0) if isinstance(value, datetime) else None
