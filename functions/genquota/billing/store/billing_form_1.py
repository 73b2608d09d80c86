"""Migration on read: records of billing in form 1, converted to the present form.

Form 1 kept all that was reported together in one register with a stamp `[at, event id]`, and a customer's
user as the newest that was named.
"""

from datetime import datetime
from typing import Any

from genquota.billing.domain.lww_registers import EARLIEST
from genquota.billing.domain.provider_events import NamedBy
from genquota.domain.enums import Provider

Json = dict[str, Any]

_EARLIEST = EARLIEST.isoformat()
_BY_HAND = "9999-12-31"
"""The stamp of what an operator had written into a customer's document."""


def subscription_of_form_1(old: Json) -> Json:
    """Return a subscription's record."""
    standing: Any = old.get("standing")
    new: Json = {
        "id": old["id"],
        "provider": old["provider"],
        "customer": _register(old.get("holder")),
        "paid_start": old.get("paid_start"),
        "change": None,
        "cancellation": None,
        "invoice": None,
    }
    if old.get("announcement"):
        value = old["announcement"]["value"]
        names = [name for names in value["products"] for name in names]
        new["change"] = _register(old["announcement"], [names, value["plan"]])
    if old.get("renews"):
        new["cancellation"] = _register(old["renews"], [old["renews"]["value"], None])
    if old.get("invoice"):
        value = old["invoice"]["value"]
        period = [value["period_start"], value["period_end"]]
        new["invoice"] = _register(old["invoice"], {"is_paid": value["is_paid"], "period": period})
    plan_names: Any = []
    if standing:
        new |= _facts(standing, is_of_transaction=old["provider"] == Provider.REVENUECAT)
        plan_names = new["bought"]["value"][2]
    plan = standing["value"]["plan"] if standing else None
    new["paid_plans"] = {
        key: {"rank": rank, "names": plan_names if plan and plan[0] == key else []}
        for key, rank in (old.get("paid_plans") or {}).items()
    }
    return new


def customer_of_form_1(old: Json) -> Json:
    """Return a customer's record."""
    user: Any = old.get("user")
    is_by_hand = user is not None and user["stamp"][0].startswith(_BY_HAND)
    named = user is not None and not is_by_hand
    return {
        "id": old["id"],
        "by_hand": user["value"] if is_by_hand else None,
        "users": [_register(user, [user["value"], NamedBy.OWN])] if named else [],
        "moves": [_register(move) for move in old.get("moves") or ()],
        **{name: old.get(name) or [] for name in ("subscriptions", "payments", "receipts")},
    }


def payment_of_form_1(old: Json, created_at: datetime | None = None) -> Json:
    """Return a payment's record. Whose it was is not asked again.

    Args:
        old: The record.
        created_at: Of its document. What the customer's things went to before that does not concern it.
    """
    at = created_at.isoformat() if created_at else _EARLIEST
    earliest = [at, at, 1, ""]
    is_stripes = old["provider"] == Provider.STRIPE and old.get("user_id")
    naming = {"value": [old.get("user_id"), NamedBy.OWN], "version": earliest}
    dispute = _register(old.get("dispute"))
    if dispute:
        dispute["value"]["id"] = ""
    return {
        **{name: old.get(name) for name in ("id", "provider", "user_id", "customer_id")},
        "grants": old.get("grants") or [],
        "purchased": earliest if old.get("grants") else None,
        "naming": naming if is_stripes else None,
        "charge": _register(old.get("refund")),
        "disputes": {"": dispute} if dispute else {},
    }


def _facts(standing: Json, *, is_of_transaction: bool) -> Json:
    """Return the registers of what was one."""
    value = standing["value"]
    at = value["period_start"] if is_of_transaction else _EARLIEST
    names = [name for names in value["products"] for name in names]
    is_only_item = all(len(each) == 1 for each in value["products"])
    status = {
        "status": value["status"],
        "provider_status": value["provider_status"],
        "unpaid_since": value["unpaid_since"],
    }
    trial = [value["trial_start"], value["trial_end"]]
    bought = [names, value["plan"], names if value["plan"] and is_only_item else []]
    return {
        "status": _register(standing, status, at),
        "bought": _register(standing, bought, at),
        "period": _register(standing, [value["period_start"], value["period_end"]], at),
        "anchor": _register(standing, value["anchor"], at),
        "trial": _register(standing, trial, at) if value["trial_end"] else None,
    }


def _register(old: Json | None, value: Any = None, at: str = _EARLIEST) -> Any:  # noqa: ANN401
    if old is None:
        return None
    stamp = old["stamp"]
    return {
        "value": old["value"] if value is None else value,
        "version": [at, stamp[0], 1, stamp[1]],
    }
