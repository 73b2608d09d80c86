"""Refusals, as frozen facts.

Each class carries the `reason` that clients branch on. Which status and text they get is the
business of `triggers/errors.py`. (Frozen dataclasses would not do: the interpreter writes an
exception's traceback.)
"""

from datetime import datetime
from math import ceil
from typing import ClassVar

from genquota.domain.enums import Status
from genquota.domain.records import dataclass


class GenquotaError(Exception):
    """Base of all refusals. Every concrete subclass names its `reason`."""

    reason: ClassVar[str]


@dataclass(eq=False, kw_only=True)
class LimitRefusal(GenquotaError):
    """A limit or rate has no room for the generation asked for.

    Credits for limits, generations for rates and open ones. `resets_at` is None when waiting cannot
    help.
    """

    now: datetime

    window: str
    type: str | None
    limit: int
    used: int
    reserved: int
    remaining: int
    requested: int
    resets_at: datetime | None

    @property
    def retry_after_seconds(self) -> int | None:
        """Whole seconds until there is room again, at least 1."""
        if self.resets_at is None:
            return None
        return max(1, ceil((self.resets_at - self.now).total_seconds()))


class QuotaExceeded(LimitRefusal):
    reason = "quota-exceeded"


class TooManyOpen(LimitRefusal):
    reason = "too-many-open"


class RateExceeded(LimitRefusal):
    reason = "rate-exceeded"


@dataclass(eq=False)
class NoPlan(GenquotaError):
    """The user has no plan, or one that `plans` does not know."""

    reason = "no-plan"
    plan_id: str | None
    must_verify: bool = False
    """A verified email or phone number would bring the default plan."""


@dataclass(eq=False)
class GenerationClosed(GenquotaError):
    """The generation has ended otherwise than reported."""

    reason = "generation-closed"
    status: Status


@dataclass(eq=False)
class IdempotencyMismatch(GenquotaError):
    """The key names something that was asked for with another payload: one of these, or an override."""

    reason = "idempotency-mismatch"
    generation_id: str | None = None
    grant_id: str | None = None


@dataclass(eq=False)
class Conflict(GenquotaError):
    """Somebody else has changed it since it was read; `version` is the present one."""

    reason = "conflict"
    version: int


class GenerationNotFound(GenquotaError):
    """No such generation, or another user's."""

    reason = "generation-not-found"


class UserNotFound(GenquotaError):
    reason = "user-not-found"


class PlanNotFound(GenquotaError):
    reason = "plan-not-found"


class NotFound(GenquotaError):
    """No such thing, of the kinds that have no reason of their own."""

    reason = "not-found"


@dataclass(eq=False)
class InvalidArgument(GenquotaError):
    """The request is not understood: pairs of path and message, never what was sent."""

    reason = "invalid-argument"
    fields: tuple[tuple[str, str], ...] = ()


class NotSignedIn(GenquotaError):
    reason = "not-signed-in"


class AppNotVerified(GenquotaError):
    reason = "app-not-verified"


@dataclass(eq=False)
class NotAllowed(GenquotaError):
    """The caller may not do this, or nobody may."""

    reason = "not-allowed"
    why: str | None = None
    """For people; None if there is no more to say."""


class AccountDisabled(GenquotaError):
    reason = "account-disabled"


class AccountDeleted(GenquotaError):
    reason = "account-deleted"


class Contention(GenquotaError):
    """Too many calls for one user at once; the same call may be made again."""

    reason = "contention"


class Unavailable(GenquotaError):
    """The store did not answer in time."""

    reason = "unavailable"
