"""Purchases of credits: the grants of a payment, their owner, and refunds and disputes of it.

Purchase, refunds, disputes and transfers are reported in any order; the grants that are there in the end
are the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta

from genquota.billing.domain.customers import Ownership
from genquota.billing.domain.lww_registers import LwwRegister, Version, latest, versioned
from genquota.billing.domain.namings import naming_order
from genquota.billing.domain.provider_events import (
    Charge,
    Dispute,
    Naming,
    ProviderEvent,
    Purchase,
    Refund,
)
from genquota.domain.enums import Provider
from genquota.domain.errors import InvalidArgument
from genquota.domain.records import dataclass

_MOST_CREDITS = 10**15
"""Of one grant. All that a user can hold is still a number that Firestore can store."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What grants are sold as."""

    id: str
    credits: int
    expires_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PurchasedGrant:
    """A grant that a payment paid for."""

    id: str
    credits: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """All that is known of one payment."""

    id: str
    provider: Provider
    grants: tuple[PurchasedGrant, ...] = ()
    """What it paid for; empty while only its refund was reported."""
    user_id: str | None = None
    """Who was given the grants; None: nobody so far."""
    customer_id: str | None = None
    purchased: Version | None = None
    naming: LwwRegister[Naming] | None = None
    """The user that its checkout names."""
    amount: int | None = None
    """What was paid, in the unit of its refunds."""
    charge: LwwRegister[Charge] | None = None
    refunds: Mapping[str, LwwRegister[Refund]] = field(default_factory=dict)
    disputes: Mapping[str, LwwRegister[Dispute]] = field(default_factory=dict)
    spent: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By former user and grant: what they had spent or held when it went to somebody else."""
    taken_back: frozenset[str] = frozenset()
    """Grants that an operator took back from a former user; they stay so."""
    receipts: frozenset[str] = frozenset()
    """Events that wait until its grants are given."""

    @property
    def ownership(self) -> Ownership:
        """What decides whose it is."""
        if self.customer_id is None or self.purchased is None:
            return Ownership(None, self.naming)
        return Ownership(LwwRegister(self.customer_id, self.purchased), self.naming)

    @property
    def returned(self) -> tuple[int, int]:
        """Return how much of how much was given back and is owed.

        A charge's own sum includes the refunds made until then, but for those that had failed by then.
        """
        paid = self.charge.value.paid if self.charge else self.amount or 0
        returned = self.charge.value.returned if self.charge else 0
        summed_up_at = self.charge.version.at if self.charge else None
        for register in self.refunds.values():
            refund = register.value
            failed_at = _failed_at(register)
            if summed_up_at is None or refund.created_at > summed_up_at:
                returned += refund.amount if refund.is_owed else 0
            elif not refund.is_owed and failed_at and summed_up_at <= failed_at:
                returned -= refund.amount
        return max(0, returned), paid

    def left_of(self, credits: int) -> int:
        """Return how many of so many credits were not refunded."""
        returned, paid = self.returned
        return credits if paid <= 0 else credits - min(credits, credits * returned // paid)

    @property
    def is_taken_back(self) -> bool:
        """Whether all of it was refunded, or a dispute holds it back or was lost."""
        disputed = any(each.value.is_held_back for each in self.disputes.values())
        return disputed or (self.left_of(1) == 0)

    def spent_by_others(self, grant: PurchasedGrant, user_id: str) -> int:
        """Return what former users other than this one have spent of a grant."""
        others = (spent for uid, spent in self.spent.items() if uid != user_id)
        return sum(each.get(grant.id, 0) for each in others)

    def credits_for(self, grant: PurchasedGrant, user_id: str) -> int:
        """Return what is left of a grant for a user: not what was refunded or spent by others."""
        return max(0, self.left_of(grant.credits) - self.spent_by_others(grant, user_id))


def apply_event_to_payment(
    record: PaymentRecord | None, event: ProviderEvent, packs: Mapping[Pack, int]
) -> PaymentRecord | None:
    """Apply an event to a payment, given the packs (and how many) that it bought."""
    if event.payment_id is None:
        return record
    kept = record or PaymentRecord(event.payment_id, event.provider)
    version, refund, dispute = event.version, event.refund, event.dispute
    kept = replace(
        kept,
        customer_id=kept.customer_id or event.customer_id,
        charge=latest(kept.charge, versioned(event.charge, version), _charge_order),
    )
    if refund:
        kept = replace(kept, refunds=_with_refund(kept.refunds, LwwRegister(refund, version)))
    if dispute:
        kept = replace(kept, disputes=_with_dispute(kept.disputes, LwwRegister(dispute, version)))
    return _with_purchase(kept, event, event.purchase, packs) if event.purchase else kept


def choose_packs(
    purchase: Purchase, named: Pack | None, sold: Mapping[str, Pack]
) -> dict[Pack, int]:
    """Return the packs that were bought, and how many of each. Items that are no pack are something else.

    Args:
        purchase: What was bought.
        named: The pack that the shop named; it is what was bought if the catalogue knows none of the items.
        sold: The packs of the catalogue by product.

    Raises:
        InvalidArgument: More credits were bought than can be counted.
    """
    packs: dict[Pack, int] = {}
    bought = [item for item in purchase.items if item.quantity > 0]
    for item in bought:
        pack = next((sold[name] for name in item.names if name in sold), None)
        if pack:
            packs[pack] = packs.get(pack, 0) + item.quantity
    if named and not packs and (bought or not purchase.items):
        packs = {named: bought[0].quantity if len(bought) == 1 else 1}
    if any(pack.credits * count > _MOST_CREDITS for pack, count in packs.items()):
        raise InvalidArgument((("line_items", "more than can be counted"),))
    return packs


def _with_purchase(
    record: PaymentRecord, event: ProviderEvent, purchase: Purchase, packs: Mapping[Pack, int]
) -> PaymentRecord:
    earliest = min(record.purchased or event.version, event.version)
    customer_id = event.customer_id if earliest == event.version else None
    return replace(
        record,
        customer_id=customer_id or record.customer_id,
        grants=record.grants or tuple(_grants_of(record.id, packs, event.at)),
        purchased=earliest,
        naming=latest(record.naming, versioned(event.own_naming, event.version), naming_order),
        amount=record.amount if record.amount is not None else purchase.amount,
    )


def _grants_of(
    payment_id: str, packs: Mapping[Pack, int], at: datetime
) -> Iterable[PurchasedGrant]:
    for pack, count in packs.items():
        grant_id = payment_id if len(packs) == 1 else f"{payment_id}_{pack.id}"
        expires_at = None
        if pack.expires_after is not None:
            expires_at = (at + pack.expires_after).replace(microsecond=0)
        yield PurchasedGrant(grant_id, pack.credits * count, expires_at)


def _with_refund(
    refunds: Mapping[str, LwwRegister[Refund]], reported: LwwRegister[Refund]
) -> dict[str, LwwRegister[Refund]]:
    """Keep the newest report of each refund, and when its failure was first reported."""
    refund_id = reported.value.id
    known = refunds.get(refund_id)
    newest = latest(known, reported, _refund_order) or reported
    failures = [at for each in (known, reported) if each and (at := _failed_at(each))]
    value = replace(newest.value, failed_at=min(failures, default=None))
    return {**refunds, refund_id: replace(newest, value=value)}


def _failed_at(register: LwwRegister[Refund]) -> datetime | None:
    """Return when a refund was first reported as not owed."""
    refund = register.value
    return refund.failed_at or (None if refund.is_owed else register.version.at)


def _with_dispute(
    disputes: Mapping[str, LwwRegister[Dispute]], reported: LwwRegister[Dispute]
) -> dict[str, LwwRegister[Dispute]]:
    """Keep each dispute apart; one that an older release kept without its id is the one reported now."""
    dispute_id = reported.value.id
    found = latest(disputes.get(dispute_id) or disputes.get(""), reported) or reported
    return {**{key: each for key, each in disputes.items() if key}, dispute_id: found}


def _charge_order(register: LwwRegister[Charge]) -> tuple[datetime, int, str]:
    """Of two sums at one instant the larger one includes the other."""
    return register.version.at, register.value.returned, register.version.event_id


def _refund_order(register: LwwRegister[Refund]) -> tuple[datetime, bool, str]:
    """Of one instant the end counts: a refund that failed never becomes one that is owed."""
    return register.version.at, not register.value.is_owed, register.version.event_id
