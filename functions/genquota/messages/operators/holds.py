"""The hold of a generation, as operators see it."""

from datetime import datetime
from typing import Self

from genquota.domain.quota.generation import Generation
from genquota.messages.answers.callable_answers import Answer, Time


class HeldGrant(Answer):
    """What a grant pays."""

    id: str
    credits: int
    expires_at: Time | None


class HeldWindow(Answer):
    """A window that the plan's part counts in."""

    window: str
    start: Time


class HoldAnswer(Answer):
    """What was held for a generation, from whom, and what became of it. All numbers are credits."""

    generation_id: str
    user_id: str
    generation_status: str
    """As of now."""
    type: str
    date: str
    """The user's local day that it counts in."""
    created_at: Time
    ends_at: Time
    """End of the hold."""
    closed_at: Time | None
    """None: it is open, or its record is older than that field."""
    requested: int
    """The price of all outputs that were asked for."""
    plan: int
    """From the limits of the plan, without overage."""
    grants: list[HeldGrant]
    """In the order of spending."""
    overage: int
    windows: list[HeldWindow]
    charged: int
    returned: int
    """What was held and is not charged; 0 while it is open."""
    refunded: bool
    late: bool

    @classmethod
    def of(cls, generation: Generation, closed_at: datetime | None, now: datetime) -> Self:
        hold, status = generation.hold, generation.status_at(now)
        allocation = hold.allocation
        return cls(
            generation_id=generation.id,
            user_id=generation.uid,
            generation_status=status.value,
            type=hold.type,
            date=hold.date,
            created_at=generation.created_at,
            ends_at=hold.end,
            closed_at=closed_at,
            requested=generation.credits,
            plan=allocation.windows - allocation.overage,
            grants=[
                HeldGrant(id=part.grant_id, credits=part.credits, expires_at=part.expires_at)
                for part in allocation.grants
            ],
            overage=allocation.overage,
            windows=[
                HeldWindow(window=window.value, start=start)
                for window, start in hold.starts.items()
            ],
            charged=generation.charged,
            returned=0 if status.is_open else generation.credits - generation.charged,
            refunded=generation.refunded,
            late=generation.late,
        )
