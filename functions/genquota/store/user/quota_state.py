"""The map `users/{uid}.quota`: windows, holds, grants, overrides, subscriptions, and when jobs look at it.

Only Genquota reads it. Windows and holds are short JSON texts in it: a text costs the SDK a fraction of what
a map of the same content does, and the user document is read and written by every call. Instants in texts
are whole seconds since 1970.

Texts live as long as records do, so releases read what others wrote: an older form of a hold, and windows
that they do not know, which are left out. See docs/upgrading.md, "Stored formats".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from google.cloud.firestore import DELETE_FIELD
from google.cloud.firestore_v1.field_path import FieldPath

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.plans.plans import Override
from genquota.domain.quota.account import Account, Allocation, Counter, GrantAllocation, Hold
from genquota.domain.windows import Span
from genquota.store.documents import to_utc_datetime
from genquota.store.grant_document import grant_to_entry, read_grant_entry
from genquota.store.plans.plan_terms import override_to_document, read_overrides
from genquota.store.user.subscription_copy import (
    read_public_copy,
    subscription_from_text,
    subscription_to_text,
)

T = TypeVar("T")

_encode = json.JSONEncoder(separators=(",", ":")).encode
_WINDOWS = {window.value: window for window in Window}
_HOLD_FORM = 2
_SHORT_CODES = {
    Window.DAY: "d",
    Window.WEEK: "w",
    Window.MONTH: "m",
    Window.QUARTER: "q",
    Window.PERIOD: "p",
}
_CODES = {window: _SHORT_CODES.get(window, window.value) for window in LIMIT_WINDOWS}
"""What windows are called in holds, of which there may be two hundred; the rest go by their name."""
_BY_CODE = {code: window for window, code in _CODES.items()}
_STARTS_OF_FORM_1 = (Window.DAY, Window.WEEK, Window.MONTH, Window.PERIOD)
"""Holds without a form list the starts of these, in this order."""


def read_quota_state(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an `Account` that a user document's `quota` gives."""
    quota = data.get("quota") or {}
    overrides, subscriptions = quota.get("overrides"), quota.get("subscriptions")
    is_copied = data.get("subscription") is not None and not subscriptions
    return {
        "windows": windows_from_text(quota.get("windows") or "{}"),
        "holds": {key: hold_from_text(text) for key, text in (quota.get("holds") or {}).items()},
        "grants": {
            key: read_grant_entry(entry) for key, entry in (quota.get("grants") or {}).items()
        },
        "overrides": () if overrides is None else read_overrides(overrides),
        "subscription": read_public_copy(data["subscription"]) if is_copied else None,
        "subscriptions": {
            key: subscription_from_text(key, text) for key, text in (subscriptions or {}).items()
        },
        "paid_from": to_utc_datetime(quota["paidFrom"]) if quota.get("paidFrom") else None,
        "paid_until": to_utc_datetime(quota["paidUntil"]) if quota.get("paidUntil") else None,
        "paid_ends": {
            key: to_utc_datetime(end) for key, end in (quota.get("paidEnds") or {}).items()
        },
    }


def changed_fields_but_windows(before: Account, account: Account) -> dict[str, Any]:
    """Return what changed apart from windows, by field path."""
    same_windows = replace(
        account,
        windows=before.windows,
        paid_from=before.paid_from,
        paid_until=before.paid_until,
        paid_ends=before.paid_ends,
    )
    return changed_quota_fields(before, same_windows)


def changed_quota_fields(before: Account, account: Account) -> dict[str, Any]:
    """Return what changed, by field path."""
    fields: dict[str, Any] = {}
    if account.windows != before.windows:
        fields["quota.windows"] = windows_to_text(account.windows)
    if account.paid_from != before.paid_from:
        fields["quota.paidFrom"] = account.paid_from
    if account.paid_until != before.paid_until:
        fields["quota.paidUntil"] = account.paid_until
    if account.paid_ends != before.paid_ends:
        fields["quota.paidEnds"] = dict(account.paid_ends)
    fields |= _changed("holds", before.holds, account.holds, hold_to_text)
    fields |= _changed("grants", before.grants, account.grants, grant_to_entry)
    fields |= _changed(
        "subscriptions", before.subscriptions, account.subscriptions, subscription_to_text
    )
    if account.overrides is not before.overrides:
        old, new = (_by_id(each.overrides) for each in (before, account))
        fields |= _changed("overrides", old, new, override_to_document)
    return fields


def next_expiry(account: Account) -> datetime | None:
    """Return `quota.expireAt`: when `expire_generations` must look at a user."""
    return min((hold.end for hold in account.holds.values()), default=None)


def next_roll(account: Account) -> datetime | None:
    """Return `quota.rollAt`: when `reset_periods` must look at a user. Never while all counters are zero."""
    ends = [
        account.windows[window].span.end
        for window in LIMIT_WINDOWS
        if not account.windows[window].is_zero
    ]
    return min(ends, default=None)


def _changed(
    name: str, before: Mapping[str, T], now: Mapping[str, T], write: Callable[[T], Any]
) -> dict[str, Any]:
    if now is before:
        return {}
    fields: dict[str, Any] = {_path(name, key): DELETE_FIELD for key in before.keys() - now.keys()}
    for key, value in now.items():
        if before.get(key) is not value:  # what has not changed is the very same
            fields[_path(name, key)] = write(value)
    return fields


def _by_id(overrides: tuple[Override, ...]) -> dict[str, Override]:
    return {override.id: override for override in overrides}


def _path(name: str, key: str) -> str:
    return str(FieldPath("quota", name, key).to_api_repr())


def windows_to_text(windows: Mapping[Window, Counter]) -> str:
    """Write the running windows."""
    return _encode(
        {
            window.value: {
                "start": _seconds(counter.span.start),
                "end": _seconds(counter.span.end),
                "used": dict(counter.used),
                "success": counter.success,
                "failed": counter.failed,
                "date": counter.date,
                "zone": counter.zone,
                **({"adjusted": dict(counter.adjusted)} if counter.adjusted else {}),
            }
            for window, counter in windows.items()
        }
    )


@lru_cache(maxsize=2048)
def windows_from_text(text: str) -> Mapping[Window, Counter]:
    """Read what `windows_to_text` wrote. Remembered, for most calls meet a text that was met before."""
    return {
        _WINDOWS[name]: Counter(
            Span(_instant(entry["start"]), _instant(entry["end"])),
            entry["used"],
            entry["success"],
            entry["failed"],
            entry["date"],
            entry["zone"],
            entry.get("adjusted", {}),
        )
        for name, entry in json.loads(text).items()
        if name in _WINDOWS
    }


def hold_to_text(hold: Hold) -> str:
    """Write a hold."""
    return _encode(
        {
            "v": _HOLD_FORM,
            "end": _seconds(hold.end),
            "type": hold.type,
            "date": hold.date,
            "plan": hold.allocation.windows,
            "in": {_CODES[window]: _seconds(start) for window, start in hold.starts.items()},
            "grants": [
                [
                    part.grant_id,
                    part.credits,
                    *([_seconds(part.expires_at)] if part.expires_at else []),
                ]
                for part in hold.allocation.grants
            ],
            **({"overage": hold.allocation.overage} if hold.allocation.overage else {}),
        }
    )


@lru_cache(maxsize=4096)
def hold_from_text(text: str) -> Hold:
    """Read what `hold_to_text` wrote, now or before. Remembered: a hold is met by each call until it ends."""
    entry = json.loads(text)
    is_form_1 = "v" not in entry
    starts = _starts_of_form_1(entry["starts"]) if is_form_1 else _starts(entry["in"])
    credits = entry["windows"] if is_form_1 else entry["plan"]
    parts = tuple(_part(*stored) for stored in entry["grants"])
    return Hold(
        _instant(entry["end"]),
        entry["type"],
        Allocation(credits, parts, entry.get("overage", 0)),
        starts,
        entry["date"],
    )


def _starts(stored: dict[str, int]) -> dict[Window, datetime]:
    return {_BY_CODE[code]: _instant(start) for code, start in stored.items() if code in _BY_CODE}


def _starts_of_form_1(stored: list[int]) -> dict[Window, datetime]:
    return dict(zip(_STARTS_OF_FORM_1, map(_instant, stored), strict=False))


def _part(grant_id: str, credits: int, expires: int | None = None) -> GrantAllocation:
    return GrantAllocation(grant_id, credits, None if expires is None else _instant(expires))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
