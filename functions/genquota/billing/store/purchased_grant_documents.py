"""`users/{uid}/grants/{grantId}` of purchased grants: the history that the user sees."""

from datetime import datetime
from typing import Any

from genquota.billing.domain.purchases import PaymentRecord, PurchasedGrant
from genquota.store.documents import Snapshot, document_data
from genquota.store.grant_document import grant_path
from genquota.store.transaction import Transaction


def is_taken_back_by_operator(seen: Snapshot) -> bool:
    """Return whether an operator took a grant back, whatever its payment came to."""
    return "takenBack" in document_data(seen)


def write_purchased_grants(
    transaction: Transaction, uid: str, payment: PaymentRecord, now: datetime, *, is_granted: bool
) -> None:
    """Write what a payment's grants come to.

    Args:
        transaction: Gets the writes.
        uid: Whose they are.
        payment: What is known of it.
        now: Aware, UTC.
        is_granted: They were written before.
    """
    for bought in payment.grants:
        transaction.add(
            grant_path(uid, bought.id), _fields(uid, payment, bought, now, is_granted=is_granted)
        )


def revoke_purchased_grants(
    transaction: Transaction, uid: str, payment: PaymentRecord, now: datetime
) -> None:
    """Record that a payment's grants are no longer this user's."""
    for bought in payment.grants:
        transaction.add(grant_path(uid, bought.id), {"revokedAt": now})


def _fields(
    uid: str, payment: PaymentRecord, bought: PurchasedGrant, now: datetime, *, is_granted: bool
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "credits": bought.credits if payment.is_taken_back else payment.credits_for(bought, uid),
        "revokedAt": now if payment.is_taken_back else None,
    }
    if is_granted:
        return fields
    return {
        **fields,
        "userId": uid,
        "purchased": True,
        "givenBy": payment.provider.value,
        "paymentId": payment.id,
        "expiresAt": bought.expires_at,
        "createdAt": now,
    }
