"""check_limit and get_usage, to the letter. It is always Monday, March 15th 2027, 09:00 UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import App, order

if TYPE_CHECKING:
    from google.cloud.firestore import Client

pytestmark = pytest.mark.usefixtures("travel")


def _day(used: int = 0, reserved: int = 0) -> dict[str, Any]:
    return {
        "window": "day",
        "type": None,
        "start": "2027-03-15T00:00:00Z",
        "resetsAt": "2027-03-16T00:00:00Z",
        "limit": -1,
        "used": used,
        "reserved": reserved,
        "remaining": -1,
        "isUnlimited": True,
        "hasExceeded": False,
    }


def _period(limit: int, used: int = 0, reserved: int = 0, remaining: int = 0) -> dict[str, Any]:
    return {
        "window": "period",
        "type": None,
        "start": "2027-03-01T00:00:00Z",
        "resetsAt": "2027-04-01T00:00:00Z",
        "limit": limit,
        "used": used,
        "reserved": reserved,
        "remaining": remaining,
        "isUnlimited": False,
        "hasExceeded": remaining == 0,
    }


def test_check_limit_tells_a_new_user_the_free_plan(app: App) -> None:
    assert app.call("check_limit", {}).result == {
        "userId": app.uid,
        "planId": "free",
        "canGenerate": True,
        "reason": None,
        "message": "10 of 10 credits left this period.",
        "creditsNeeded": 1,
        "hasLimit": True,
        "limit": 10,
        "used": 0,
        "reserved": 0,
        "remaining": 10,
        "resetsAt": "2027-04-01T00:00:00Z",
        "retryAfterSeconds": None,
        "grants": {"remaining": 0},
        "windows": [_day(), _period(10, remaining=10)],
    }


def test_check_limit_answers_200_with_the_reason_when_the_decision_refuses(app: App) -> None:
    app.ask("create_generation", **order(count=8))
    assert app.call("check_limit", {"type": "video", "quality": "hd", "count": 3}).result == {
        "userId": app.uid,
        "planId": "free",
        "canGenerate": False,
        "reason": "quota-exceeded",
        "message": "Not enough credits: 2 of 10 left this period, 3 needed.",
        "creditsNeeded": 3,
        "hasLimit": True,
        "limit": 10,
        "used": 0,
        "reserved": 8,
        "remaining": 2,
        "resetsAt": "2027-04-01T00:00:00Z",
        "retryAfterSeconds": 16 * 86_400 + 15 * 3600,
        "grants": {"remaining": 0},
        "windows": [_day(reserved=8), _period(10, reserved=8, remaining=2)],
    }


def test_check_limit_of_an_unlimited_plan_says_minus_one(app: App, db: Client) -> None:
    db.document(f"plans/all-{app.uid}").set({"limits": {"period": -1}})
    db.document(f"users/{app.uid}").set({"planId": f"all-{app.uid}"})
    quota = app.ask("check_limit")
    numbers = ("canGenerate", "hasLimit", "limit", "remaining", "retryAfterSeconds")
    assert [quota[name] for name in numbers] == [True, False, -1, -1, None]
    assert [row["isUnlimited"] for row in quota["windows"]] == [True, True]


def test_check_limit_shows_rates_and_limits_by_type_after_the_limits_of_all(
    app: App, db: Client
) -> None:
    plan = {
        "limits": {"week": 50},
        "limitsByType": {"video": {"day": 2}},
        "rates": {"minute": 5},
        "prices": [{"type": "video", "quality": "hd", "credits": 3}],
    }
    db.document(f"plans/rich-{app.uid}").set(plan)
    db.document(f"users/{app.uid}").set({"planId": f"rich-{app.uid}"})
    quota = app.ask("check_limit", type="video", quality="hd", count=2)
    rows = [(row["window"], row["type"], row["limit"], row["start"]) for row in quota["windows"]]
    assert rows == [
        ("day", None, -1, "2027-03-15T00:00:00Z"),
        ("week", None, 50, "2027-03-15T00:00:00Z"),
        ("period", None, -1, "2027-03-01T00:00:00Z"),
        ("day", "video", 2, "2027-03-15T00:00:00Z"),
        ("minute", None, 5, "2027-03-15T09:00:00Z"),
    ]
    assert (quota["creditsNeeded"], quota["reason"]) == (6, "quota-exceeded")
    assert (quota["limit"], quota["resetsAt"]) == (2, None)
    assert quota["retryAfterSeconds"] is None


def test_check_limit_without_a_plan_is_an_answer_with_nothing_in_it(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"planId": "no-such-plan"})
    assert app.call("check_limit", {"count": 2}).result == {
        "userId": app.uid,
        "planId": "no-such-plan",
        "canGenerate": False,
        "reason": "no-plan",
        "message": "The plan no-such-plan is not set up. Ask the app's support.",
        "creditsNeeded": 2,
        "hasLimit": True,
        "limit": 0,
        "used": 0,
        "reserved": 0,
        "remaining": 0,
        "resetsAt": None,
        "retryAfterSeconds": None,
        "grants": {"remaining": 0},
        "windows": [],
    }


def test_get_usage_of_a_new_user(app: App) -> None:
    quota = app.ask("check_limit")
    assert app.call("get_usage", {}).result == {
        **quota,
        "liveGrants": [],
        "lifetimeTotal": 0,
        "outputTotal": 0,
        "currentPeriodUsed": 0,
        "lastResetDate": "2027-03-01T00:00:00Z",
        "nextResetDate": "2027-04-01T00:00:00Z",
        "dailyUsage": {
            "date": "2027-03-15",
            "currentUsage": 0,
            "remaining": -1,
            "limit": -1,
            "isUnlimited": True,
            "hasExceeded": False,
        },
        "monthlyUsage": {
            "year": 2027,
            "month": 3,
            "currentUsage": 0,
            "remaining": 10,
            "limit": 10,
            "isUnlimited": False,
            "hasExceeded": False,
        },
        "limitStatus": {
            "hasActiveLimits": True,
            "hasExceededDailyLimit": False,
            "hasExceededMonthlyLimit": False,
            "subscriptionTier": "free",
            "message": "10 of 10 credits left this period.",
        },
        "stats": {"total": 0, "success": 0, "failed": 0, "pending": 0},
        "subscription": None,
        "forecast": {"runsOut": False, "at": None},
    }


def test_get_usage_counts_generations_and_credits_apart(app: App) -> None:
    won = app.ask("create_generation", **order("won", count=4))["generationId"]
    lost = app.ask("create_generation", **order("lost", count=2))["generationId"]
    app.ask("create_generation", **order("open", count=3))
    outputs = [{"url": "https://cdn.example.com/1.png"}, {"url": "https://cdn.example.com/2.png"}]
    app.ask("update_generation", generationId=won, generationStatus="success", outputs=outputs)
    app.ask("update_generation", generationId=lost, generationStatus="failed")
    usage = app.ask("get_usage")
    assert usage["windows"] == [_day(4, 3), _period(10, 4, 3, 3)]
    assert usage["stats"] == {"total": 3, "success": 1, "failed": 1, "pending": 1}
    assert (usage["lifetimeTotal"], usage["outputTotal"], usage["currentPeriodUsed"]) == (1, 2, 1)
    assert usage["dailyUsage"]["currentUsage"] == 4
    assert usage["monthlyUsage"]["remaining"] == 3


def test_get_usage_tells_the_subscription_and_when_it_renews(app: App, db: Client) -> None:
    began, ends = datetime(2027, 3, 10, 12, tzinfo=UTC), datetime(2027, 4, 10, 12, tzinfo=UTC)
    subscription = {
        "id": "sub_1",
        "planId": "plus",
        "status": "trialing",
        "anchor": began,
        "currentPeriodStart": began,
        "currentPeriodEnd": ends,
        "cancelAtPeriodEnd": False,
    }
    db.document(f"users/{app.uid}").set({"subscription": subscription})
    usage = app.ask("get_usage")
    assert usage["subscription"] == {
        "id": "sub_1",
        "planId": "plus",
        "status": "trialing",
        "anchor": "2027-03-10T12:00:00Z",
        "currentPeriodStart": "2027-03-10T12:00:00Z",
        "currentPeriodEnd": "2027-04-10T12:00:00Z",
        "cancelAtPeriodEnd": False,
        "isInTrial": True,
        "daysUntilRenewal": 27,
    }
    assert (usage["planId"], usage["limit"]) == ("plus", 100)
    assert usage["lastResetDate"] == "2027-03-10T12:00:00Z"
    assert usage["limitStatus"]["subscriptionTier"] == "plus"


def test_get_usage_says_when_the_limit_runs_out_at_the_pace_so_far(app: App) -> None:
    app.ask("create_generation", **order(count=6))
    # 6 credits in 14 days and 9 hours; the other 4 take two thirds of that.
    assert app.ask("get_usage")["forecast"] == {"runsOut": True, "at": "2027-03-24T23:00:00Z"}
