"""Enumerations of the words in JSON and documents, each spelled once."""

from enum import StrEnum

UNLIMITED = -1
"""The limit that never refuses, as written in plans and answers."""


class Unit(StrEnum):
    """What a period is measured in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Window(StrEnum):
    """A kind of half-open interval ``[start, end)`` that credits or generations are counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    PERIOD = "period"

    # Windows are keys wherever something is counted, and Enum's own hash is a slow one.
    __hash__ = str.__hash__


CALENDAR_WINDOWS = {
    Window.DAY: (Unit.DAY, 1),
    Window.WEEK: (Unit.WEEK, 1),
    Window.MONTH: (Unit.MONTH, 1),
    Window.QUARTER: (Unit.MONTH, 3),
}
"""Windows of the user's calendar, shortest first: so many units each."""

LIMIT_WINDOWS = (*CALENDAR_WINDOWS, Window.PERIOD)
"""Windows that limit credits, shortest first and the plan's own last. All are always counted, so that a
limit that a plan gains later knows what was used before."""

RATE_WINDOWS = (Window.MINUTE, Window.HOUR)
"""Windows that limit how many generations may start, shortest first."""


class Status(StrEnum):
    """Where a generation stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    is_open: bool
    """Whether the generation may still hold credits."""

    def __init__(self, value: str) -> None:
        self.is_open = value in ("pending", "processing")


class Role(StrEnum):
    """What a user may do beyond their own affairs."""

    USER = "user"
    SERVICE = "service"
    ADMIN = "admin"


class SubscriptionStatus(StrEnum):
    """A subscription's state, whatever sold it."""

    ACTIVE = "active"
    TRIALING = "trialing"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    EXPIRED = "expired"
    PAUSED = "paused"
    INCOMPLETE = "incomplete"


class Anchor(StrEnum):
    """What a period steps from."""

    SUBSCRIPTION = "subscription"
    CALENDAR = "calendar"
    SIGNUP = "signup"


class Provider(StrEnum):
    """Who sold it. `manual`: an operator did."""

    STRIPE = "stripe"
    REVENUECAT = "revenuecat"
    MANUAL = "manual"


PAYMENT_PROVIDERS = tuple(each for each in Provider if each is not Provider.MANUAL)
"""Those whose products plans and packs may name."""
