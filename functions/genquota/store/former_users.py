"""`formerUsers/{keyed hash of the email}`: counters of deleted users, until their windows end."""

from collections.abc import Mapping
from datetime import datetime

from genquota.domain.account import Counter
from genquota.domain.former_users import whichever_used_more
from genquota.domain.words import Window
from genquota.store.compact import windows_from_text, windows_to_text
from genquota.store.transaction import Snapshot, Transaction, contents
from genquota.store.user_document import UserDocument


def former_user_path(email_hash: str) -> str:
    return f"formerUsers/{email_hash}"


def known_email_hash(seen: UserDocument) -> str | None:
    """Return what stands for the verified email that a user was last seen with."""
    known = (seen.data.get("quota") or {}).get("emailHash")
    return known if isinstance(known, str) and known else None


def keep_former_user(
    transaction: Transaction, email_hash: str, kept: Mapping[Window, Counter], now: datetime
) -> None:
    """Write the counters, unless another account with the same email left with more."""
    if not kept:
        return
    path = former_user_path(email_hash)
    seen = transaction.read([path])[path]
    merged = whichever_used_more(kept, _counters(seen), now)
    ends_at = max(counter.span.end for counter in merged.values())
    document = {"windows": windows_to_text(merged), "deletedAt": now, "deleteAt": ends_at}
    if seen.exists:
        transaction.update(path, document, seen)
    else:
        transaction.create(path, document)


def read_former_user(transaction: Transaction, email_hash: str) -> Mapping[Window, Counter]:
    """Return what was kept under the hash, if anything."""
    path = former_user_path(email_hash)
    return _counters(transaction.read([path])[path])


def _counters(snapshot: Snapshot) -> Mapping[Window, Counter]:
    return windows_from_text(contents(snapshot).get("windows") or "{}")
