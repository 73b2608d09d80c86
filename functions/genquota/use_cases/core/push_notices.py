"""Push committed notices to their users' devices, and delete devices that no longer exist."""

from collections.abc import Callable, Sequence

from genquota.domain.quota.notices import Notice
from genquota.domain.records import dataclass
from genquota.store.documents import document_data
from genquota.store.notices.device_documents import read_tokens, token_path
from genquota.store.transaction import Database, Transaction


@dataclass(frozen=True, slots=True)
class UserNotices:
    """The notices for one user, and the devices to send them to."""

    uid: str
    device_ids: tuple[str, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One notice for one device."""

    token: str
    locale: str | None
    notice: Notice


Send = Callable[[Sequence[PushMessage]], Sequence[bool]]
"""Sends messages. Returns of each whether its device still exists."""


def push_notices(db: Database, send: Send, outgoing: Sequence[UserNotices]) -> None:
    """Send the notices of several users in as few calls as possible.

    Raises:
        GenquotaError: The store did not answer.
    """
    transaction = Transaction(db)
    tokens = read_tokens(transaction, {each for one in outgoing for each in one.device_ids})
    addressed = [
        (one.uid, device_id, PushMessage(known["token"], known.get("locale"), notice))
        for one in outgoing
        for device_id in one.device_ids
        # A token that has another owner by now is none of this user's any more.
        if (known := document_data(tokens[device_id])).get("userId") == one.uid
        for notice in one.notices
    ]
    if not addressed:
        return
    are_there = send([message for _, _, message in addressed])
    gone = {
        (uid, device_id)
        for (uid, device_id, _), is_there in zip(addressed, are_there, strict=True)
        if not is_there
    }
    for uid, device_id in sorted(gone):
        transaction.delete(token_path(device_id), tokens[device_id])
        transaction.delete(f"users/{uid}/devices/{device_id}")
    transaction.try_commit()  # what was registered anew meanwhile stays
