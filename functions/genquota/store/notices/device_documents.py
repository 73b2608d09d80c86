"""Devices: `users/{uid}/devices/{id}`, which the owner may see, and `deviceTokens/{id}`, which nobody may.

The id follows from the push token. Which devices a user has stands in `users/{uid}.quota.devices` too, so
that a notice is sent without a query, and for users without devices nothing is read at all.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument

MOST_DEVICES = 20
"""Of one user; the device that was last seen longest ago is evicted."""


@dataclass(frozen=True, slots=True)
class Device:
    """A place that notices are sent to."""

    token: str
    platform: str
    locale: str | None = None

    @property
    def id(self) -> str:
        return device_id_for(self.token)


def device_id_for(token: str) -> str:
    """Return the id of the device for a push token: a plain field name that does not give the token away."""
    return "d" + hashlib.sha256(token.encode()).hexdigest()[:31]


def token_path(device_id: str) -> str:
    return f"deviceTokens/{device_id}"


def devices_of(data: Mapping[str, Any]) -> dict[str, int]:
    """Return when a user's devices were last seen, in seconds since 1970, by id."""
    devices = (data.get("quota") or {}).get("devices") or {}
    return {key: at for key, at in devices.items() if isinstance(at, int)}


def devices_to_evict(seen: UserDocument, device_id: str) -> list[str]:
    """Return the devices to evict for one more."""
    others = {key: at for key, at in devices_of(seen.data).items() if key != device_id}
    by_age = sorted(others, key=lambda key: (others[key], key))
    return by_age[: max(0, len(by_age) + 1 - MOST_DEVICES)]


def read_tokens(transaction: Transaction, device_ids: Iterable[str]) -> dict[str, Snapshot]:
    """Return what is known of the devices' tokens, by id."""
    found = transaction.read([token_path(each) for each in device_ids])
    return {snapshot.id: snapshot for snapshot in found.values()}


def write_device(
    transaction: Transaction,
    seen: UserDocument,
    device: Device,
    tokens: Mapping[str, Snapshot],
    now: datetime,
) -> dict[str, Any]:
    """Write a device. Return what changes in the user document.

    A token names a device, not a person: whoever signs in there last gets what is sent to it.

    Args:
        transaction: Gets the writes.
        seen: Its user.
        device: What is registered.
        tokens: From `read_tokens`, of the device and of those that give way.
        now: Aware, UTC.
    """
    uid, shown = seen.account.uid, {"platform": device.platform, "locale": device.locale}
    before = document_data(tokens[device.id]).get("userId")
    if isinstance(before, str) and before != uid:
        transaction.delete(f"users/{before}/devices/{device.id}")
    facts = {**shown, "userId": uid, "token": device.token, "updatedAt": now}
    transaction.add(token_path(device.id), facts)
    born = {} if device.id in devices_of(seen.data) else {"createdAt": now}
    transaction.add(f"users/{uid}/devices/{device.id}", {**shown, **born, "updatedAt": now})
    fields: dict[str, Any] = {f"quota.devices.{device.id}": int(now.timestamp())}
    for dropped in devices_to_evict(seen, device.id):
        fields |= delete_device(transaction, uid, dropped, tokens)
    return fields


def delete_device(
    transaction: Transaction, uid: str, device_id: str, tokens: Mapping[str, Snapshot]
) -> dict[str, Any]:
    """Remove a device, and its token unless another user has it by now. Return what changes."""
    if document_data(tokens[device_id]).get("userId") == uid:
        transaction.delete(token_path(device_id))
    transaction.delete(f"users/{uid}/devices/{device_id}")
    return {f"quota.devices.{device_id}": DELETE_FIELD}
