"""The settings of a deployment that decisions depend on, as plain values."""

from dataclasses import field
from datetime import timedelta

from genquota.domain.feed import FeedRules
from genquota.domain.records import dataclass

BUILT_IN_TYPES = frozenset({"image", "video", "audio"})
"""Types of generation that need no setting."""

MAX_OPEN = 200
"""Open generations of one user, whatever the plan says: keeps the user document small."""

MAX_GRANTS = 100
"""Live grants of one user."""

MAX_OVERRIDES = 20
"""Live overrides of one user."""

MAX_SUBSCRIPTIONS = 20
"""Manual subscriptions of one user; each stands in the user document until an operator ends it."""

LONGEST_HOLD = timedelta(hours=24)
"""A hold that is kept alive by reports of `processing` ends here at the latest."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of the same names, in the domain's types."""

    default_plan: str | None = "free"
    """None: no plan, no access."""
    default_plan_is_for_everyone: bool = True
    """False: only for those who have shown a verified email or a phone number."""
    default_timezone: str = "UTC"
    """IANA name."""
    week_start: int = 0
    """0 = Monday … 6 = Sunday."""
    types: frozenset[str] = BUILT_IN_TYPES
    hold: timedelta = timedelta(seconds=900)
    charge_late_success: bool = True
    owners_report_results: bool = True
    renewal_grace: timedelta = timedelta(hours=24)
    past_due_grace: timedelta | None = None
    """None: an unpaid subscription counts like a paid one until its period ends."""
    plan_cache: timedelta = timedelta(seconds=60)
    notices_are_kept: bool = True
    """Whether notices on limits are written to `users/{uid}/notices`."""
    retention: timedelta = timedelta(days=90)
    """How long records of generations are kept."""
    feed: FeedRules = field(default_factory=FeedRules)
    repairs_drift: bool = False
    """Whether the scheduled `reconcile` puts right what it finds."""
    analytics_are_public: bool = False
    """Whether users who are no admins see the part of the analytics that identifies nobody."""
