"""Usage against each limit and rate."""

from dataclasses import dataclass
from datetime import datetime

from genquota.domain.enums import LIMIT_WINDOWS, RATE_WINDOWS, UNLIMITED, Window
from genquota.domain.plans.plans import LimitKey, Plan
from genquota.domain.quota.account import Account, ReservedCredits


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """One limit or rate, and its usage."""

    window: Window
    type: str | None
    start: datetime
    resets_at: datetime
    limit: int
    used: int
    reserved: int

    @property
    def is_unlimited(self) -> bool:
        return self.limit == UNLIMITED

    @property
    def remaining(self) -> int:
        return UNLIMITED if self.is_unlimited else max(0, self.limit - self.used - self.reserved)

    @property
    def has_exceeded(self) -> bool:
        return not self.is_unlimited and self.used + self.reserved >= self.limit


def limit_usages(account: Account, plan: Plan, reserved: ReservedCredits) -> tuple[LimitUsage, ...]:
    """Return the limits that the plan names, in credits; day and period always."""
    limits: dict[LimitKey, int] = {
        (Window.DAY, None): UNLIMITED,
        (Window.PERIOD, None): UNLIMITED,
        **plan.limits,
    }
    usages = []
    for window, type_ in sorted(
        limits, key=lambda key: (key[1] is not None, LIMIT_WINDOWS.index(key[0]), key[1] or "")
    ):
        counter = account.windows[window]
        usages.append(
            LimitUsage(
                window,
                type_,
                counter.span.start,
                counter.span.end,
                limits[window, type_],
                counter.used_by(type_),
                reserved.by_limit.get((window, type_), 0),
            )
        )
    return tuple(usages)


def rate_usages(account: Account, plan: Plan) -> tuple[LimitUsage, ...]:
    """Return the rates that the plan names, in generations started."""
    return tuple(
        LimitUsage(
            window,
            None,
            account.windows[window].span.start,
            account.windows[window].span.end,
            plan.rates.per_window[window],
            account.windows[window].used_by(None),
            0,
        )
        for window in RATE_WINDOWS
        if window in plan.rates.per_window
    )
