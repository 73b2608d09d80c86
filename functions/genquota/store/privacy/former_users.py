"""`formerUsers`: the account that claims a verified email, and counters of former users.

`formerUsers/{keyed hash of the email}` names the account that holds the email, and has the counters of
those who left, until their windows end. The user document remembers the hash while its account holds the
email, and in `quota.carried` counters that belong to the person and not to the account alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.cloud.firestore import DELETE_FIELD

from genquota.domain.enums import Window
from genquota.domain.quota.account import Counter
from genquota.domain.records import dataclass
from genquota.domain.users.former_users import merge_by_max_usage, running_counters
from genquota.store.documents import Snapshot, document_data
from genquota.store.transaction import Transaction
from genquota.store.user.quota_state import windows_from_text, windows_to_text
from genquota.store.user.user_document import UserDocument, read_user, user_path

Counters = Mapping[Window, Counter]


@dataclass(frozen=True, slots=True)
class EmailRecord:
    """What is known under a verified email, as it was read."""

    snapshot: Snapshot
    user_id: str | None
    """The account that holds the email."""
    former: Counters
    """What accounts that held it before have used, as far as no living account counts it."""


@dataclass(frozen=True, slots=True)
class EmailClaim:
    """What an account finds that claims the email its token shows."""

    email_hash: str
    record: EmailRecord
    other: UserDocument | None
    """The account that holds the email until now, if that is another one."""
    counters: Counters
    """What others have used under the email."""


def former_user_path(email_hash: str) -> str:
    return f"formerUsers/{email_hash}"


def known_email_hash(seen: UserDocument) -> str | None:
    """Return what stands for the verified email that a user was last seen with."""
    known = (seen.data.get("quota") or {}).get("emailHash")
    return known if isinstance(known, str) and known else None


def holds_email(seen: UserDocument, email_hash: str) -> bool:
    """Return whether an account has claimed the email; those from before there were claims have not."""
    quota = seen.data.get("quota") or {}
    return quota.get("holdsEmail") is True and known_email_hash(seen) == email_hash


def carried_counters(seen: UserDocument) -> Counters:
    """Return the counters in `quota.carried`.

    In a document that the first call has yet to complete they wait to be taken over: they are those of
    the user's former self. In a complete one its windows count them, and whoever holds the email does too.
    """
    return windows_from_text((seen.data.get("quota") or {}).get("carried") or "{}")


def counters_of_user(seen: UserDocument, now: datetime) -> Counters:
    """Return what a user has used of the windows that still run."""
    if seen.is_complete:
        return running_counters(seen.account, now)
    return {key: each for key, each in carried_counters(seen).items() if now < each.span.end}


def read_claim(transaction: Transaction, email_hash: str, uid: str, now: datetime) -> EmailClaim:
    """Read what is known under the email, and the other account that holds it, if one does."""
    record = _read_record(transaction, email_hash)
    other = None
    if record.user_id not in (None, uid):
        path = user_path(str(record.user_id))
        other = read_user(transaction.read([path])[path])
    used = counters_of_user(other, now) if other else {}
    return EmailClaim(email_hash, record, other, merge_by_max_usage(used, record.former, now))


def write_claim(
    transaction: Transaction, claim: EmailClaim, uid: str, now: datetime, *, is_carried: bool
) -> dict[str, Any]:
    """Claim the email for the account. Return the fields for its user document.

    The account that held it until now forgets the hash: it claims the email again with its own next call,
    and then counts what was used meanwhile. The precondition on it keeps it from using anything unseen.

    Args:
        transaction: Gets the writes, with the preconditions that nothing has changed since it was read.
        claim: What was read.
        uid: Whose the email is now.
        now: Aware, UTC.
        is_carried: The account counts from now on what others have used.
    """
    path = former_user_path(claim.email_hash)
    if claim.record.snapshot.exists:
        left = {} if is_carried else claim.counters
        fields = {
            "userId": uid,
            "windows": windows_to_text(left) if left else DELETE_FIELD,
            "deletedAt": now if left else DELETE_FIELD,
            "deleteAt": DELETE_FIELD,
        }
        transaction.update(path, fields, claim.record.snapshot)
    else:
        transaction.create(path, {"userId": uid})
    other = claim.other
    if other and known_email_hash(other) == claim.email_hash:
        forgotten = {"quota.emailHash": DELETE_FIELD, "quota.holdsEmail": DELETE_FIELD}
        carried = windows_to_text(counters_of_user(other, now))
        fields = {**forgotten, "quota.carried": carried}
        transaction.update(user_path(other.account.uid), fields, other.snapshot)
    remembered: dict[str, Any] = {"quota.emailHash": claim.email_hash, "quota.holdsEmail": True}
    return {**remembered, "quota.carried": DELETE_FIELD} if is_carried else remembered


def release_email(
    transaction: Transaction, email_hash: str, uid: str, kept: Counters, now: datetime
) -> None:
    """Leave an email: keep the counters under it, unless another account left with more.

    While another account holds the email, the record stays; else it goes when the windows have ended.
    """
    path, record = former_user_path(email_hash), _read_record(transaction, email_hash)
    is_held = record.user_id not in (None, uid)
    merged = merge_by_max_usage(kept, record.former, now)
    if not merged:
        if record.snapshot.exists and not is_held:
            transaction.delete(path, record.snapshot)
        return
    ends_at = max(counter.span.end for counter in merged.values())
    document = {"windows": windows_to_text(merged), "deletedAt": now}
    if not record.snapshot.exists:
        transaction.create(path, {**document, "deleteAt": ends_at})
    elif is_held:
        transaction.update(path, document, record.snapshot)
    else:
        left = {"userId": DELETE_FIELD, "deleteAt": ends_at}
        transaction.update(path, {**document, **left}, record.snapshot)


def _read_record(transaction: Transaction, email_hash: str) -> EmailRecord:
    path = former_user_path(email_hash)
    snapshot = transaction.read([path])[path]
    data = document_data(snapshot)
    user_id = data.get("userId")
    former = windows_from_text(data.get("windows") or "{}")
    return EmailRecord(snapshot, user_id if isinstance(user_id, str) and user_id else None, former)
