"""`users/{uid}/grants/{grantId}`: that a grant was given, by whom, and whether it was revoked.

What is left of a grant stands in the user document, in `quota.grants`. This one is there for the history, and
because its id comes of the key that the grant was asked for with: it is created at most once.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genquota.domain.quota.account import Grant
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class GrantDocument:
    """A grant's document as it was read."""

    snapshot: Snapshot
    data: Mapping[str, Any]
    grant: Grant
    """As it was given: nothing used. Revoked if it was taken back."""

    @property
    def id(self) -> str:
        return str(self.snapshot.id)


def grant_id_for(key: str) -> str:
    """Return the id of the grant for a key: short, and a plain field name."""
    return "t" + hashlib.sha256(key.encode()).hexdigest()[:23]


def grant_path(uid: str, grant_id: str) -> str:
    return f"users/{uid}/grants/{grant_id}"


def read_grant(snapshot: Snapshot) -> GrantDocument | None:
    """Parse a grant's document. None if there is none."""
    data = document_data(snapshot)
    if not data:
        return None
    expires_at = data.get("expiresAt")
    grant = Grant(
        credits=data["credits"],
        expires_at=expires_at and to_utc_datetime(expires_at),
        purchased=data.get("purchased") is True,
        revoked=data.get("revokedAt") is not None,
    )
    return GrantDocument(snapshot, data, grant)


def create_grant_document(
    transaction: Transaction,
    uid: str,
    grant_id: str,
    grant: Grant,
    given_by: str,
    now: datetime,
    further: Mapping[str, Any] | None = None,
) -> None:
    """Write that a grant was given; the commit fails if one of that id was given before.

    Args:
        transaction: Gets the write.
        uid: To whom.
        grant_id: From `grant_id_for`.
        grant: What.
        given_by: An operator's uid, `command-line`, or the provider that sold it.
        now: Aware, UTC.
        further: Fields of the giver's own.
    """
    document = {
        **(further or {}),
        "userId": uid,
        "credits": grant.credits,
        "purchased": grant.purchased,
        "givenBy": given_by,
        "createdAt": now,
        "expiresAt": grant.expires_at,
        "revokedAt": None,
    }
    transaction.create(grant_path(uid, grant_id), document)


def mark_grant_revoked(
    transaction: Transaction,
    seen: GrantDocument,
    taken_back: int,
    now: datetime,
    further: Mapping[str, Any] | None = None,
) -> None:
    """Write that a grant was taken back, and how many credits of it were unspent."""
    fields = {**(further or {}), "revokedAt": now, "takenBack": taken_back}
    transaction.update(seen.snapshot.reference.path, fields, seen.snapshot)


def read_grant_entry(entry: Mapping[str, Any]) -> Grant:
    """Read a grant as it stands in the user document."""
    expires_at = entry.get("expiresAt")
    return Grant(
        credits=entry["credits"],
        used=entry.get("used", 0),
        expires_at=expires_at and to_utc_datetime(expires_at),
        purchased=entry.get("purchased") is True,
        revoked=entry.get("revoked") is True,
    )


def grant_to_entry(grant: Grant) -> dict[str, Any]:
    """Write a grant as it stands in the user document."""
    entry: dict[str, Any] = {
        "credits": grant.credits,
        "used": grant.used,
        "expiresAt": grant.expires_at,
    }
    marks = {"purchased": grant.purchased, "revoked": grant.revoked}
    return entry | {name: True for name, is_set in marks.items() if is_set}
