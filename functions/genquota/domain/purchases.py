"""Credits that were bought: which grants a payment gives, and what of them was taken back.

Purchase, refund and dispute come in any order; the grants that are there in the end are the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from genquota.domain.account import Account, Grant
from genquota.domain.grants import add_grant, restore_grant, revoke_grant
from genquota.domain.provider_news import (
    Dispute,
    Provider,
    ProviderEvent,
    Refund,
    Register,
    newer,
    told,
)


@dataclass(frozen=True, slots=True)
class Pack:
    """What grants are sold as."""

    id: str
    credits: int
    expires_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class BoughtGrant:
    """A grant that a payment paid for."""

    id: str
    credits: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """All that is known of one payment."""

    id: str
    provider: Provider
    grants: tuple[BoughtGrant, ...] = ()
    """What it paid for; empty while only its refund was heard of."""
    user_id: str | None = None
    """Who has the grants: they stay with whom they were given to."""
    customer_id: str | None = None
    refund: Register[Refund] | None = None
    dispute: Register[Dispute] | None = None

    def left_of(self, credits: int) -> int:
        """Return how many of so many credits were not refunded."""
        if self.refund is None or self.refund.value.paid <= 0:
            return credits
        refund = self.refund.value
        return credits - min(credits, credits * refund.returned // refund.paid)

    @property
    def is_taken_back(self) -> bool:
        """Whether all of it was refunded, or a dispute holds it back or was lost."""
        disputed = self.dispute is not None and self.dispute.value.is_held_back
        return disputed or (self.left_of(1) == 0)


def reduce_payment(
    record: PaymentRecord | None, event: ProviderEvent, packs: Iterable[tuple[Pack, int]]
) -> PaymentRecord | None:
    """Take in what an event says of a payment, given the packs (and how many) that it bought."""
    if event.payment_id is None:
        return record
    kept = record or PaymentRecord(event.payment_id, event.provider)
    stamp = event.stamp
    kept = replace(
        kept,
        customer_id=kept.customer_id or event.customer_id,
        refund=_newer_refund(kept.refund, told(event.refund, stamp)),
        dispute=newer(kept.dispute, told(event.dispute, stamp)),
    )
    if event.purchase and not kept.grants:
        return replace(kept, grants=tuple(_grants_of(kept.id, list(packs), event.at)))
    return kept


def give_and_take(
    account: Account, payment: PaymentRecord, now: datetime, *, is_given: bool
) -> Account:
    """Bring a user's grants to what the payment comes to.

    Args:
        account: The user's.
        payment: What is known of it.
        now: Aware, UTC.
        is_given: The user was given its grants before; those that are gone are spent.

    Raises:
        InvalidArgument: The user has as many live grants as they may.
    """
    for bought in payment.grants:
        if not is_given:
            grant = Grant(bought.credits, expires_at=bought.expires_at, purchased=True)
            account = add_grant(account, bought.id, grant, now)
        if payment.is_taken_back:
            account = revoke_grant(account, bought.id)
        else:
            account = restore_grant(account, bought.id)
            account = _with_credits(account, bought.id, payment.left_of(bought.credits))
    return account


def _newer_refund(
    kept: Register[Refund] | None, news: Register[Refund] | None
) -> Register[Refund] | None:
    """Of two refunds at one instant the sum that is larger includes the other."""
    if kept is None or news is None:
        return news or kept

    def order(register: Register[Refund]) -> tuple[datetime, int, str]:
        return register.stamp.at, register.value.returned, register.stamp.event_id

    return max(kept, news, key=order)


def _grants_of(
    payment_id: str, packs: list[tuple[Pack, int]], at: datetime
) -> Iterable[BoughtGrant]:
    for pack, count in packs:
        grant_id = payment_id if len(packs) == 1 else f"{payment_id}_{pack.id}"
        expires_at = None
        if pack.expires_after is not None:
            expires_at = (at + pack.expires_after).replace(microsecond=0)
        yield BoughtGrant(grant_id, pack.credits * count, expires_at)


def _with_credits(account: Account, grant_id: str, credits: int) -> Account:
    """Lower a grant to what is left of it, never below what was spent."""
    grant = account.grants.get(grant_id)
    if grant is None:
        return account
    left = max(credits, grant.used)
    if left == grant.credits:
        return account
    return replace(account, grants={**account.grants, grant_id: replace(grant, credits=left)})
