"""The account: a user's state that decisions depend on, as frozen data."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Self

from genquota.domain.enums import LIMIT_WINDOWS, Role, Window
from genquota.domain.plans.plans import LimitKey, Override
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.policy import Policy
from genquota.domain.records import dataclass
from genquota.domain.windows import Span


@dataclass(frozen=True, slots=True)
class Counter:
    """What was settled in one running window.

    `used` counts credits by type (for rate windows: generations started); `success` and `failed`
    count the generations that were reserved in it, when they end. `date` is the local day that a
    day window stands for, `zone` the time zone that it was laid in.
    """

    span: Span
    used: Mapping[str, int] = field(default_factory=dict)
    success: int = 0
    failed: int = 0
    date: str | None = None
    zone: str | None = None
    adjusted: Mapping[str, int] = field(default_factory=dict)
    """Credits by type that an operator took off `used`."""

    def used_by(self, type_: str | None) -> int:
        return sum(self.used.values()) if type_ is None else self.used.get(type_, 0)

    @property
    def is_zero(self) -> bool:
        counts = (self.success, self.failed, *self.used.values(), *self.adjusted.values())
        return not any(counts)


@dataclass(frozen=True, slots=True)
class GrantAllocation:
    """Credits that one grant pays for one generation."""

    grant_id: str
    credits: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who pays for a generation: the plan's limits (overage included), and grants."""

    windows: int
    """Credits that count in the limits."""
    grants: tuple[GrantAllocation, ...] = ()
    overage: int = field(default=0, compare=False)
    """The part of `windows` beyond the plan's limits. Not compared: it only sets the order of returning."""

    @property
    def credits(self) -> int:
        return self.windows + sum(part.credits for part in self.grants)


@dataclass(frozen=True, slots=True)
class Hold:
    """The credits of one open generation. It counts until `end`, then not at all."""

    end: datetime
    type: str
    allocation: Allocation
    starts: Mapping[Window, datetime]
    """The windows that it was reserved in; it is not counted in one that is missing."""
    date: str
    """The local day that it was reserved on."""

    def is_active(self, now: datetime) -> bool:
        return now < self.end


@dataclass(frozen=True, slots=True)
class Grant:
    """Extra credits beside the plan."""

    credits: int
    used: int = 0
    expires_at: datetime | None = None
    purchased: bool = False
    revoked: bool = False
    """Taken back: it pays nothing new, but what is held keeps its part."""

    def is_active(self, now: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Account:
    """One user as decisions see them."""

    uid: str
    role: Role = Role.USER
    is_disabled: bool = False
    is_deleted: bool = False
    is_verified: bool = False
    """Has shown a verified email or a phone number, now or before."""
    plan_id: str | None = None
    timezone: str | None = None
    subscription: Subscription | None = None
    """The one that counts, chosen among those in force."""
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    """All that providers and operators have reported, by id."""
    created_at: datetime | None = None
    windows: Mapping[Window, Counter] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    """By generation id; those past their end stay until their record is closed."""
    grants: Mapping[str, Grant] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    """Oldest first; the later wins."""
    paid_from: datetime | None = None
    """Start of the newest paid period of a provider."""
    paid_until: datetime | None = None
    """Its end, the latest that was reported."""
    paid_ends: Mapping[str, datetime] = field(default_factory=dict)
    """By subscription id, the end of its paid period that last began a `period`."""
    success: int = 0
    failed: int = 0
    outputs: int = 0
    """Lifetime counts; `failed` includes cancelled and expired."""

    @property
    def is_admin(self) -> bool:
        """Whether the user may act as an admin now."""
        return self.role is Role.ADMIN and not self.is_disabled and not self.is_deleted

    def plan_in_force(self, now: datetime, policy: Policy) -> str | None:
        """Return the plan's id: override, else subscription, else own plan, else the default's."""
        for override in reversed(self.overrides):
            if override.plan_id is not None and override.is_active(now):
                return override.plan_id
        if self.subscription and self.subscription.is_in_force(now, policy):
            return self.subscription.plan_at(now)
        if self.plan_id or policy.default_plan_is_for_everyone or self.is_verified:
            return self.plan_id or policy.default_plan
        return None

    def must_verify(self, policy: Policy) -> bool:
        """Return whether only the lack of a verified email or phone number keeps the default plan away."""
        return (
            not self.is_verified
            and not policy.default_plan_is_for_everyone
            and policy.default_plan is not None
        )

    def active_holds(self, now: datetime) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.is_active(now)]


@dataclass(frozen=True, slots=True)
class ReservedCredits:
    """The credits of live holds, added up once for a decision."""

    by_limit: Mapping[LimitKey, int]
    by_grant: Mapping[str, int]

    @classmethod
    def of(cls, account: Account, now: datetime) -> Self:
        running = {window: account.windows[window].span.start for window in LIMIT_WINDOWS}
        in_all: dict[str, int] = {}
        by_limit: dict[LimitKey, int] = {}
        by_grant: dict[str, int] = {}

        def add(window: Window, type_: str, credits: int) -> None:
            for key in ((window, None), (window, type_)):
                by_limit[key] = by_limit.get(key, 0) + credits

        for hold in account.active_holds(now):
            # Nearly all holds were taken in all the windows that run: those are added up first.
            if hold.starts == running:
                in_all[hold.type] = in_all.get(hold.type, 0) + hold.allocation.windows
            else:
                for window, start in hold.starts.items():
                    if running.get(window) == start:
                        add(window, hold.type, hold.allocation.windows)
            for part in hold.allocation.grants:
                by_grant[part.grant_id] = by_grant.get(part.grant_id, 0) + part.credits
        for type_, credits in in_all.items():
            for window in running:
                add(window, type_, credits)
        return cls(by_limit, by_grant)
