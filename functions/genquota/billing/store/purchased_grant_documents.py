"""`users/{uid}/grants/{grantId}` of grants that were bought: the history of them, for the user to see."""

from datetime import datetime
from typing import Any

from genquota.billing.domain.purchases import BoughtGrant, PaymentRecord
from genquota.store.documents import Snapshot, contents
from genquota.store.grant_document import grant_path
from genquota.store.transaction import Transaction


def is_taken_back_by_operator(seen: Snapshot) -> bool:
    """Tell whether an operator took a grant back, whatever its payment came to."""
    return "takenBack" in contents(seen)


def keep_bought_grants(
    transaction: Transaction, uid: str, payment: PaymentRecord, now: datetime, *, is_given: bool
) -> None:
    """Write what a payment's grants come to.

    Args:
        transaction: Gets the writes.
        uid: Whose they are.
        payment: What is known of it.
        now: Aware, UTC.
        is_given: They were written before.
    """
    for bought in payment.grants:
        transaction.add(
            grant_path(uid, bought.id), _fields(uid, payment, bought, now, is_given=is_given)
        )


def revoke_bought_grants(
    transaction: Transaction, uid: str, payment: PaymentRecord, now: datetime
) -> None:
    """Note that a payment's grants are no longer this user's."""
    for bought in payment.grants:
        transaction.add(grant_path(uid, bought.id), {"revokedAt": now})


def _fields(
    uid: str, payment: PaymentRecord, bought: BoughtGrant, now: datetime, *, is_given: bool
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "credits": bought.credits if payment.is_taken_back else payment.credits_for(bought, uid),
        "revokedAt": now if payment.is_taken_back else None,
    }
    if is_given:
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
