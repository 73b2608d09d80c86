"""Subscriptions: when one is in force, which plan it gives, and which of several counts."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.policy import Policy
from genquota.domain.records import dataclass
from genquota.domain.windows import Span


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of a user, whatever sold it, as decisions need it."""

    id: str
    plan_id: str
    """What it gives until the paid period ends."""
    status: SubscriptionStatus
    anchor: datetime | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    """None: no end (a manual subscription until further notice)."""
    cancel_at_period_end: bool = False
    next_plan_id: str | None = None
    """What it gives from the end of the paid period on, if that is another plan: a downgrade waits."""
    unpaid_since: datetime | None = None
    """While `past_due`: since when a payment is missing."""
    provider_period_end: datetime | None = None
    """When the provider's period ends, where that is not when access ends: it was cancelled before, or
    goes on in a time of grace. None: at `current_period_end`."""

    def plan_at(self, now: datetime) -> str:
        """Return the plan that it gives at ``now``."""
        end = self.current_period_end
        return self.next_plan_id if self.next_plan_id and end and end <= now else self.plan_id

    def is_in_force(self, now: datetime, policy: Policy) -> bool:
        """Return whether the plan is in force; a late event of a renewal is waited for."""
        match self.status:
            case SubscriptionStatus.ACTIVE | SubscriptionStatus.TRIALING:
                grace = policy.renewal_grace
            case SubscriptionStatus.PAST_DUE:
                patience, since = policy.past_due_grace, self.unpaid_since
                if patience is not None and since is not None and now - patience >= since:
                    return False
                grace = policy.renewal_grace
            case SubscriptionStatus.CANCELED:
                grace = timedelta()
            case _:
                return False
        if self.cancel_at_period_end:
            grace = timedelta()
        # Taken from `now`, for there is nothing to add to an end in the year 9999.
        return self.current_period_end is None or now - grace < self.current_period_end

    @property
    def provider_period(self) -> Span | None:
        """The provider's own period, if it has a start and an end."""
        start = self.current_period_start
        end = self.provider_period_end or self.current_period_end
        return Span(start, end) if start and end and start < end else None

    @property
    def paid_period_start(self) -> datetime | None:
        """Start of the provider's period if it was paid for; a trial or an unpaid one is none."""
        return self.current_period_start if self.status is SubscriptionStatus.ACTIVE else None


def best_of(
    in_force: Iterable[Subscription], rank_of: Callable[[str], int], now: datetime
) -> Subscription | None:
    """Return the one that counts: highest rank of its plan, then latest end, then smallest id.

    Args:
        in_force: Those that are in force at ``now``.
        rank_of: Gives the rank of a plan by its id.
        now: Aware, UTC.
    """
    ranked = sorted(in_force, key=lambda each: each.id)
    return max(
        ranked,
        key=lambda each: (
            rank_of(each.plan_at(now)),
            each.current_period_end is None,
            each.current_period_end or now,
        ),
        default=None,
    )
