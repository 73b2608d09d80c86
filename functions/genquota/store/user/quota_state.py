"""The map `users/{uid}.quota`: holds, grants, overrides, subscriptions, and when jobs must look at it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from google.cloud.firestore import DELETE_FIELD
from google.cloud.firestore_v1.field_path import FieldPath

from genquota.domain.enums import LIMIT_WINDOWS
from genquota.domain.plans.plans import Override
from genquota.domain.quota.account import Account, Grant
from genquota.store.documents import to_utc_datetime
from genquota.store.plans.plan_terms import override_to_document, read_overrides
from genquota.store.user.subscription_copy import (
    read_public_copy,
    subscription_from_text,
    subscription_to_text,
)
from genquota.store.user.text_codec import (
    hold_from_text,
    hold_to_text,
    windows_from_text,
    windows_to_text,
)

T = TypeVar("T")


def read_quota_state(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an `Account` that a user document's `quota` gives."""
    quota = data.get("quota") or {}
    subscriptions = quota.get("subscriptions")
    return {
        "windows": windows_from_text(quota.get("windows") or "{}"),
        "holds": {key: hold_from_text(text) for key, text in (quota.get("holds") or {}).items()},
        "grants": {key: _grant(entry) for key, entry in (quota.get("grants") or {}).items()},
        "overrides": read_overrides(quota.get("overrides")),
        "subscription": None if subscriptions else read_public_copy(data.get("subscription")),
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
    fields |= _changed("grants", before.grants, account.grants, _grant_to_document)
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


def _grant(entry: Mapping[str, Any]) -> Grant:
    expires_at = entry.get("expiresAt")
    return Grant(
        credits=entry["credits"],
        used=entry.get("used", 0),
        expires_at=expires_at and to_utc_datetime(expires_at),
        purchased=entry.get("purchased") is True,
        revoked=entry.get("revoked") is True,
    )


def _grant_to_document(grant: Grant) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "credits": grant.credits,
        "used": grant.used,
        "expiresAt": grant.expires_at,
    }
    marks = {"purchased": grant.purchased, "revoked": grant.revoked}
    return entry | {name: True for name, is_set in marks.items() if is_set}


def _path(name: str, key: str) -> str:
    return str(FieldPath("quota", name, key).to_api_repr())
