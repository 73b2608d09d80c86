"""What `get_usage` answers, to the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from genquota.domain.enums import SubscriptionStatus, Window
from genquota.domain.quota.account import Grant, GrantAllocation
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.messages.answers.callable_answers import QuotaAnswer
from genquota.messages.answers.usage import UsageAnswer
from tests.unit.samples import (
    NOW,
    POLICY,
    account,
    at,
    holding,
    limits,
    plan,
    subscription,
    used_in,
    using,
)

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.plans.plans import Plan
    from genquota.domain.quota.account import Account


def usage(
    alice: Account, terms: Plan | None, now: datetime = NOW, zone: str = "UTC"
) -> dict[str, Any]:
    decision = decide(alice, terms, "test", QuotaRequest(), now, POLICY)
    return UsageAnswer.about(alice, decision, ZoneInfo(zone), now).to_json()


def test_usage_is_a_quota_and_the_contracts_own_fields() -> None:
    terms = plan(limits(day=5, period=20))
    alice = using(account(terms), success=3, failed=1, image=2, video=2)
    alice = replace(holding(alice, 1), success=41, failed=7, outputs=90)
    quota = QuotaAnswer.of(
        "alice", decide(alice, terms, "test", QuotaRequest(), NOW, POLICY)
    ).to_json()
    found = usage(alice, terms)
    assert {name: found[name] for name in quota} == quota
    assert {name: value for name, value in found.items() if name not in quota} == {
        "liveGrants": [],
        "lifetimeTotal": 41,
        "outputTotal": 90,
        "currentPeriodUsed": 3,
        "lastResetDate": "2026-11-01T00:00:00Z",
        "nextResetDate": "2026-12-01T00:00:00Z",
        "dailyUsage": {
            "date": "2026-11-18",
            "currentUsage": 4,
            "remaining": 0,
            "limit": 5,
            "isUnlimited": False,
            "hasExceeded": True,
        },
        "monthlyUsage": {
            "year": 2026,
            "month": 11,
            "currentUsage": 4,
            "remaining": 15,
            "limit": 20,
            "isUnlimited": False,
            "hasExceeded": False,
        },
        "limitStatus": {
            "hasActiveLimits": True,
            "hasExceededDailyLimit": True,
            "hasExceededMonthlyLimit": False,
            "subscriptionTier": "test",
            "message": "Not enough credits: 0 of 5 left this day, 1 needed.",
        },
        "stats": {"total": 49, "success": 41, "failed": 7, "pending": 1},
        "subscription": None,
        "forecast": {"runsOut": True, "at": "2026-11-18T12:00:00Z"},
    }


def test_monthly_speaks_of_the_month_if_the_plan_limits_it_and_else_of_the_period() -> None:
    alice = account(now=at("2026-10-20"), subscription=subscription("2026-10-15", None))
    alice = used_in(used_in(alice, Window.MONTH, image=3), Window.PERIOD, image=8)
    both = usage(alice, plan(limits(month=10, period=20)), at("2026-10-20"))["monthlyUsage"]
    assert (both["currentUsage"], both["limit"], both["remaining"]) == (3, 10, 7)
    period = usage(alice, plan(limits(day=1)), at("2026-10-20"))["monthlyUsage"]
    assert (period["currentUsage"], period["limit"], period["remaining"]) == (8, -1, -1)
    assert (period["isUnlimited"], period["hasExceeded"]) == (True, False)


def test_the_month_is_that_in_which_the_window_begins_where_the_user_is() -> None:
    alice = account(timezone="Asia/Tokyo")
    month = usage(alice, plan({}), zone="Asia/Tokyo")["monthlyUsage"]
    assert (month["year"], month["month"]) == (2026, 11)
    january = account(now=at("2025-12-31T16:00"), timezone="Asia/Tokyo")
    month = usage(january, plan({}), at("2025-12-31T16:00"), "Asia/Tokyo")["monthlyUsage"]
    assert (month["year"], month["month"]) == (2026, 1)


def test_the_day_is_the_local_date_of_the_running_window() -> None:
    alice = account(timezone="Pacific/Kiritimati")
    day = usage(alice, plan({}), zone="Pacific/Kiritimati")["dailyUsage"]
    assert (day["date"], day["limit"], day["remaining"]) == ("2026-11-19", -1, -1)


def test_a_limit_for_one_type_is_neither_daily_nor_monthly() -> None:
    terms = plan(limits(image={"day": 1, "month": 1}))
    found = usage(using(account(terms), image=1), terms)
    assert (found["dailyUsage"]["limit"], found["dailyUsage"]["currentUsage"]) == (-1, 1)
    assert found["monthlyUsage"]["isUnlimited"]
    assert found["limitStatus"]["hasActiveLimits"]
    assert not found["limitStatus"]["hasExceededDailyLimit"]


def test_without_a_limit_none_is_active_and_nothing_is_forecast() -> None:
    found = usage(account(), plan({}))
    assert found["limitStatus"] == {
        "hasActiveLimits": False,
        "hasExceededDailyLimit": False,
        "hasExceededMonthlyLimit": False,
        "subscriptionTier": "test",
        "message": "No limit applies.",
    }
    assert found["forecast"] is None


def test_without_a_plan_what_was_used_is_told_all_the_same() -> None:
    found = usage(using(account(), success=2, image=4), None)
    assert found["dailyUsage"] == {
        "date": "2026-11-18",
        "currentUsage": 4,
        "remaining": 0,
        "limit": 0,
        "isUnlimited": False,
        "hasExceeded": True,
    }
    assert found["monthlyUsage"]["currentUsage"] == 4
    assert found["limitStatus"]["subscriptionTier"] is None
    assert (found["currentPeriodUsed"], found["forecast"]) == (2, None)


def test_a_hold_past_its_end_is_a_failure_also_before_its_record_is_closed() -> None:
    alice = replace(holding(account(), 1, end=NOW), failed=2, success=1)
    assert usage(holding(alice, 1), plan({}))["stats"] == {
        "total": 5,
        "success": 1,
        "failed": 3,
        "pending": 1,
    }


def test_a_subscription_is_told_with_its_trial_and_renewal() -> None:
    trial = subscription("2026-11-10T08:00", "2026-11-25T08:00", SubscriptionStatus.TRIALING)
    assert usage(account(subscription=trial), plan({}))["subscription"] == {
        "id": "s1",
        "planId": "pro",
        "status": "trialing",
        "anchor": "2026-11-10T08:00:00Z",
        "currentPeriodStart": "2026-11-10T08:00:00Z",
        "currentPeriodEnd": "2026-11-25T08:00:00Z",
        "cancelAtPeriodEnd": False,
        "isInTrial": True,
        "daysUntilRenewal": 7,
    }


@pytest.mark.parametrize(
    ("end", "days"),
    [
        ("2026-11-18T12:00:01", 1),
        ("2026-11-19T12:00", 1),
        ("2026-11-19T12:00:01", 2),
        ("2026-11-18T12:00", 0),
        ("2026-11-18T01:00", 0),
        (None, None),
    ],
)
def test_days_until_renewal_are_whole_and_rounded_up(end: str | None, days: int | None) -> None:
    found = usage(account(subscription=subscription("2026-11-10", end)), plan({}))
    assert found["subscription"]["daysUntilRenewal"] == days
    assert found["subscription"]["isInTrial"] is False


def test_what_will_not_renew_has_no_days_until_renewal() -> None:
    ending = subscription(cancel_at_period_end=True)
    assert usage(account(subscription=ending), plan({}))["subscription"]["daysUntilRenewal"] is None
    for status in (
        SubscriptionStatus.CANCELED,
        SubscriptionStatus.EXPIRED,
        SubscriptionStatus.PAUSED,
        SubscriptionStatus.INCOMPLETE,
    ):
        over = subscription(status=status)
        found = usage(account(subscription=over), plan({}))["subscription"]
        assert (found["status"], found["daysUntilRenewal"]) == (status.value, None)


def test_each_grant_that_can_be_spent_is_named_with_what_is_left() -> None:
    held = GrantAllocation("soon", 2, at("2026-11-30"))
    grants = {
        "kept": Grant(5, purchased=True),
        "soon": Grant(10, used=3, expires_at=at("2026-11-30")),
        "spent": Grant(4, used=4),
        "over": Grant(4, expires_at=at("2026-11-01")),
        "taken": Grant(4, revoked=True),
    }
    alice = holding(replace(account(), grants=grants), 0, grants=(held,))
    found = usage(alice, plan(limits(period=20)))
    assert found["grants"] == {"remaining": 10}
    assert found["liveGrants"] == [
        {
            "id": "soon",
            "credits": 10,
            "used": 3,
            "remaining": 5,
            "expiresAt": "2026-11-30T00:00:00Z",
            "purchased": False,
        },
        {
            "id": "kept",
            "credits": 5,
            "used": 0,
            "remaining": 5,
            "expiresAt": None,
            "purchased": True,
        },
    ]
