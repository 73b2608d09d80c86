"""`users/{uid}`: to and from the account; only changed fields are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore import DELETE_FIELD, Increment
from google.cloud.firestore_v1.field_path import FieldPath

from genquota.domain.enums import Role, Window
from genquota.domain.errors import AccountDeleted
from genquota.domain.quota.account import Account, Counter
from genquota.domain.quota.decision import Decision
from genquota.domain.quota.lifetime import LifetimeCounts
from genquota.domain.records import dataclass
from genquota.domain.texts import normalize_stored_email
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.transaction import Transaction
from genquota.store.user.lifetime_base import before_to_document
from genquota.store.user.quota_state import (
    changed_fields_but_windows,
    changed_quota_fields,
    next_expiry,
    next_roll,
    read_quota_state,
    windows_to_text,
)
from genquota.store.user.subscription_copy import public_copy


@dataclass(frozen=True, slots=True)
class UserDocument:
    """A user document as it was read."""

    snapshot: Snapshot
    data: Mapping[str, Any]
    account: Account

    @property
    def exists(self) -> bool:
        return bool(self.snapshot.exists)

    @property
    def is_complete(self) -> bool:
        """Whether Genquota has put its fields there; an app may have made the document."""
        # An operator's grant may be there before the user's first call.
        return self.exists and "windows" in (self.data.get("quota") or {})

    @property
    def is_tombstone(self) -> bool:
        """Whether this is all that is left of a deleted user, and never filled again."""
        return self.account.is_deleted and not self.is_complete


def user_path(uid: str) -> str:
    return f"users/{uid}"


def read_user(snapshot: Snapshot) -> UserDocument:
    """Parse a user document, or the lack of one. Missing fields mean their defaults."""
    data = document_data(snapshot)
    quota = data.get("quota") or {}
    created_at = data.get("createdAt")
    account = Account(
        uid=snapshot.id,
        role=_role(data.get("role")),
        is_disabled=bool(data.get("disabled")),
        is_deleted=bool(data.get("isDeleted")),
        is_verified=quota.get("verified") is True,
        plan_id=_text(data.get("planId")),
        timezone=_text(data.get("timezone")),
        created_at=to_utc_datetime(created_at) if isinstance(created_at, datetime) else None,
        success=_count(data.get("generatedCount")),
        failed=_count(quota.get("failed")),
        outputs=_count(data.get("outputCount")),
        **read_quota_state(data),
    )
    return UserDocument(snapshot, data, account)


def save_user(
    transaction: Transaction,
    seen: UserDocument,
    account: Account,
    decision: Decision,
    now: datetime,
    profile: Mapping[str, Any] | None = None,
) -> None:
    """Write what has changed of a user since it was ``seen``.

    Args:
        transaction: Gets the write, with the precondition that nobody else wrote meanwhile.
        seen: What was read.
        account: What is so now.
        decision: A decision on ``account``; gives the public `usage`.
        now: Aware, UTC.
        profile: Further top-level fields.

    Raises:
        AccountDeleted: Only a tombstone is left.
    """
    if seen.is_tombstone:
        raise AccountDeleted
    fields = {**_changed_fields(seen, account, now), "usage": _usage(decision), **(profile or {})}
    if not seen.exists:
        transaction.create(user_path(account.uid), _nested(fields))
    else:
        transaction.update(user_path(account.uid), fields, seen.snapshot)


def save_quota_state(
    transaction: Transaction,
    seen: UserDocument,
    account: Account,
    now: datetime,
    carried: Mapping[Window, Counter],
) -> None:
    """Write what a user holds who has not called yet, and nothing that their first call would make.

    Args:
        transaction: Gets the write, with the precondition that nobody else wrote meanwhile.
        seen: What was read.
        account: What is so now; its windows do not matter yet.
        now: Aware, UTC.
        carried: Counters that the first call is to take over.
    """
    copy = {path: value for path, value, _ in _public_subscription(seen.data, account, now)}
    fields = {"updatedAt": now, **changed_fields_but_windows(seen.account, account), **copy}
    if carried:
        fields["quota.carried"] = windows_to_text(carried)
    if seen.exists:
        transaction.update(user_path(account.uid), fields, seen.snapshot)
    else:
        transaction.create(user_path(account.uid), _nested(fields))


def _changed_fields(seen: UserDocument, account: Account, now: datetime) -> dict[str, Any]:
    fields = {"updatedAt": now, **changed_quota_fields(seen.account, account)}
    if not seen.is_complete:
        fields |= {key: value for key, value in _defaults(now).items() if key not in seen.data}
        was = seen.account
        if was.success or was.failed or was.outputs:  # the app has counted by itself until now
            before = LifetimeCounts(was.success, was.failed, was.outputs)
            fields["quota.before"] = before_to_document(before)
    # Nothing is decided on these, so they are increments: an operator's correction in between stays.
    for path, grown in (
        ("generatedCount", account.success - seen.account.success),
        ("outputCount", account.outputs - seen.account.outputs),
        ("quota.failed", account.failed - seen.account.failed),
    ):
        if grown:
            fields[path] = Increment(grown)
    period = account.windows[Window.PERIOD]
    stored, quota = seen.data, seen.data.get("quota") or {}
    for path, value, old in (
        ("email", normalize_stored_email(stored.get("email")), stored.get("email")),
        ("planId", account.plan_id, seen.account.plan_id),
        ("timezone", account.timezone, seen.account.timezone),
        ("role", account.role.value, seen.account.role.value),
        ("disabled", account.is_disabled, seen.account.is_disabled),
        ("currentPeriodCount", period.success, stored.get("currentPeriodCount")),
        ("lastResetDate", period.span.start, stored.get("lastResetDate")),
        ("nextResetDate", period.span.end, stored.get("nextResetDate")),
        ("quota.expireAt", next_expiry(account), quota.get("expireAt")),
        ("quota.rollAt", next_roll(account), quota.get("rollAt")),
        ("quota.verified", account.is_verified or None, quota.get("verified")),
        *_public_subscription(stored, account, now),
    ):
        if value != old:
            fields[path] = DELETE_FIELD if value is None and path != "subscription" else value
    return fields


def _public_subscription(
    stored: Mapping[str, Any], account: Account, now: datetime
) -> list[tuple[str, Any, Any]]:
    """Return the public copy if it is ours to write: it mirrors what `quota.subscriptions` says."""
    if not (account.subscriptions or stored.get("quota", {}).get("subscriptions")):
        return []
    return [("subscription", public_copy(account.subscription, now), stored.get("subscription"))]


def _defaults(now: datetime) -> dict[str, Any]:
    """What a user document has from its first call on, unless it is there already."""
    return {
        "role": Role.USER.value,
        "disabled": False,
        "subscription": None,
        "generatedCount": 0,
        "outputCount": 0,
        "createdAt": now,
        "isDeleted": False,
        "deletedAt": None,
    }


def _usage(decision: Decision) -> dict[str, Any]:
    """Write the decision's limits for the user's own listeners."""
    return {
        "planId": decision.plan_id,
        "windows": [
            {
                "window": usage.window.value,
                "type": usage.type,
                "start": usage.start,
                "resetsAt": usage.resets_at,
                "limit": usage.limit,
                "used": usage.used,
                "reserved": usage.reserved,
            }
            for usage in decision.usages
        ],
        "grantsRemaining": decision.grants_remaining,
    }


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _role(value: object) -> Role:
    """Anything that is no role gives no rights."""
    return next((role for role in Role if role == value), Role.USER)


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Turn values by field path into a document, for one that does not exist yet."""
    document: dict[str, Any] = {}
    written = {path: value for path, value in fields.items() if value is not DELETE_FIELD}
    for path, value in written.items():
        *parents, last = FieldPath.from_api_repr(path).parts
        place = document
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return document
