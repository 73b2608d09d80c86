"""The answer of `get_usage`."""

from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from genquota.domain.enums import SubscriptionStatus, Window
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.quota.account import Account, ReservedCredits
from genquota.domain.quota.allocation import LimitUsage, available_grants
from genquota.domain.quota.decision import Decision
from genquota.domain.quota.forecast import forecast_usage
from genquota.messages.answers.callable_answers import (
    Answer,
    GrantsAnswer,
    QuotaAnswer,
    Time,
    WindowAnswer,
)

_RENEWING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE)


class DailyUsage(Answer):
    """Credits of the running day; `-1` = unlimited."""

    date: str
    """The user's local date."""
    current_usage: int
    remaining: int
    limit: int
    is_unlimited: bool
    has_exceeded: bool


class MonthlyUsage(Answer):
    """Credits of the running month if the plan limits it, else of the period; `-1` = unlimited."""

    year: int
    month: int
    """Of the window's start, in the user's time zone."""
    current_usage: int
    remaining: int
    limit: int
    is_unlimited: bool
    has_exceeded: bool


class LimitStatus(Answer):
    has_active_limits: bool
    has_exceeded_daily_limit: bool
    has_exceeded_monthly_limit: bool
    subscription_tier: str | None
    message: str


class LimitsAnswer(LimitStatus):
    """The limits of a user, and which of them are exceeded."""

    user_id: str
    plan_id: str | None
    windows: list[WindowAnswer]
    grants: GrantsAnswer


class Stats(Answer):
    """Generations, lifetime; failed includes cancelled and expired."""

    total: int
    success: int
    failed: int
    pending: int


class SubscriptionAnswer(Answer):
    id: str
    plan_id: str
    status: str
    anchor: Time | None
    current_period_start: Time | None
    current_period_end: Time | None
    cancel_at_period_end: bool
    is_in_trial: bool
    days_until_renewal: int | None
    """Whole days, rounded up; None: it does not renew."""


class ForecastAnswer(Answer):
    """Whether the limit runs out before it resets, at the pace of its window so far."""

    runs_out: bool
    at: Time | None


class LiveGrantAnswer(Answer):
    """Extra credits that can still be spent."""

    id: str
    credits: int
    """Of which `used` are spent; what open generations hold is neither used nor remaining."""
    used: int
    remaining: int
    expires_at: Time | None
    """None: they do not expire."""
    purchased: bool


class UsageAnswer(QuotaAnswer):
    live_grants: list[LiveGrantAnswer]
    """What `grants.remaining` comes from, in the order of spending."""
    lifetime_total: int
    output_total: int
    current_period_used: int
    last_reset_date: Time
    next_reset_date: Time
    daily_usage: DailyUsage
    monthly_usage: MonthlyUsage
    limit_status: LimitStatus
    stats: Stats
    subscription: SubscriptionAnswer | None
    forecast: ForecastAnswer | None

    @classmethod
    def about(cls, account: Account, decision: Decision, zone: ZoneInfo, now: datetime) -> Self:
        period = account.windows[Window.PERIOD]
        day = _daily(account, decision)
        month = _monthly(account, decision, zone)
        pending = len(account.active_holds(now))
        failed = account.failed + len(account.holds) - pending
        quota = cls.fields_of(account.uid, decision)
        ahead = forecast_usage(decision.tightest_limit, now)
        return cls(
            **quota,
            live_grants=_live_grants(account, now),
            lifetime_total=account.success,
            output_total=account.outputs,
            current_period_used=period.success,
            last_reset_date=period.span.start,
            next_reset_date=period.span.end,
            daily_usage=day,
            monthly_usage=month,
            limit_status=LimitStatus(
                has_active_limits=any(not row.is_unlimited for row in decision.usages),
                has_exceeded_daily_limit=day.has_exceeded,
                has_exceeded_monthly_limit=month.has_exceeded,
                subscription_tier=decision.plan.tier if decision.plan else None,
                message=quota["message"],
            ),
            stats=Stats(
                total=account.success + failed + pending,
                success=account.success,
                failed=failed,
                pending=pending,
            ),
            subscription=_subscription(account.subscription, now),
            forecast=ForecastAnswer(runs_out=ahead.runs_out, at=ahead.at) if ahead else None,
        )


def _live_grants(account: Account, now: datetime) -> list[LiveGrantAnswer]:
    parts = available_grants(account, ReservedCredits.of(account, now), now)
    return [
        LiveGrantAnswer(
            id=part.grant_id,
            credits=account.grants[part.grant_id].credits,
            used=account.grants[part.grant_id].used,
            remaining=part.credits,
            expires_at=part.expires_at,
            purchased=account.grants[part.grant_id].purchased,
        )
        for part in parts
    ]


def _row(decision: Decision, window: Window) -> LimitUsage | None:
    rows = (row for row in decision.usages if row.window is window and row.type is None)
    return next(rows, None)


def _daily(account: Account, decision: Decision) -> DailyUsage:
    counter = account.windows[Window.DAY]
    row = _row(decision, Window.DAY)
    return DailyUsage(
        date=counter.date or "",
        current_usage=counter.used_by(None),
        remaining=row.remaining if row else 0,
        limit=row.limit if row else 0,
        is_unlimited=bool(row and row.is_unlimited),
        has_exceeded=row.has_exceeded if row else True,
    )


def _monthly(account: Account, decision: Decision, zone: ZoneInfo) -> MonthlyUsage:
    row = _row(decision, Window.MONTH) or _row(decision, Window.PERIOD)
    counter = account.windows[row.window if row else Window.PERIOD]
    start = counter.span.start.astimezone(zone)
    return MonthlyUsage(
        year=start.year,
        month=start.month,
        current_usage=counter.used_by(None),
        remaining=row.remaining if row else 0,
        limit=row.limit if row else 0,
        is_unlimited=bool(row and row.is_unlimited),
        has_exceeded=row.has_exceeded if row else True,
    )


def _subscription(subscription: Subscription | None, now: datetime) -> SubscriptionAnswer | None:
    if subscription is None:
        return None
    end = subscription.current_period_end
    renews = subscription.status in _RENEWING and not subscription.cancel_at_period_end
    days = -((now - end) // timedelta(days=1)) if end and renews else None
    return SubscriptionAnswer(
        id=subscription.id,
        plan_id=subscription.plan_at(now),
        status=subscription.status.value,
        anchor=subscription.anchor,
        current_period_start=subscription.current_period_start,
        current_period_end=end,
        cancel_at_period_end=subscription.cancel_at_period_end,
        is_in_trial=subscription.status is SubscriptionStatus.TRIALING,
        days_until_renewal=None if days is None else max(0, days),
    )
