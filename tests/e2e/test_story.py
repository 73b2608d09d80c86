"""The walk-through of `make run`, compared step by step: the app's client is the Firebase JS SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = dict[str, Any]

APRIL, MAY = "2027-04-01T00:00:00Z", "2027-05-01T00:00:00Z"


@pytest.fixture(scope="module")
def facts(play: Callable[[str], Facts]) -> Facts:
    return play("story")


def numbers(used: int, reserved: int, remaining: int, resets_at: str = APRIL) -> Facts:
    return {
        "limit": 10,
        "used": used,
        "reserved": reserved,
        "remaining": remaining,
        "resetsAt": resets_at,
    }


def test_a_new_user_has_the_free_plan_s_ten_credits(facts: Facts) -> None:
    assert facts["checked"] == {"planId": "free", "canGenerate": True, "after": numbers(0, 0, 10)}


def test_an_open_generation_holds_one_credit(facts: Facts) -> None:
    assert facts["opened"] == {
        "status": "pending",
        "before": numbers(0, 0, 10),
        "after": numbers(0, 1, 9),
    }


def test_a_success_charges_the_held_credit(facts: Facts) -> None:
    assert facts["succeeded"] == {
        "status": "success",
        "charged": 1,
        "refunded": False,
        "before": numbers(0, 1, 9),
        "after": numbers(1, 0, 9),
    }


def test_the_same_key_again_is_the_same_generation_and_costs_nothing(facts: Facts) -> None:
    assert facts["replayed"] == {
        "same": True,
        "replayed": True,
        "before": numbers(1, 0, 9),
        "after": numbers(1, 0, 9),
    }


def test_a_failure_gives_its_credit_back(facts: Facts) -> None:
    assert facts["failed"] == {
        "status": "failed",
        "charged": 0,
        "refunded": True,
        "before": numbers(1, 0, 9),
        "during": numbers(1, 1, 8),
        "after": numbers(1, 0, 9),
    }


def test_of_twelve_at_once_exactly_the_nine_that_remain_pass(facts: Facts) -> None:
    assert facts["burst"] == {
        "asked": 12,
        "passed": 9,
        "reasons": ["quota-exceeded", "quota-exceeded", "quota-exceeded"],
        "before": numbers(1, 0, 9),
        "after": numbers(1, 9, 0),
    }


def test_a_refusal_says_when_to_come_back(facts: Facts) -> None:
    refused = facts["refused"]
    assert refused["code"] == "functions/resource-exhausted"
    assert refused["details"] == {
        "reason": "quota-exceeded",
        "window": "period",
        "type": None,
        "limit": 10,
        "used": 1,
        "reserved": 9,
        "remaining": 0,
        "requested": 1,
        "resetsAt": "2027-04-01T00:00:00Z",
        "retryAfterSeconds": 1436340,
    }
    assert refused["message"]


def test_a_listener_sees_each_change_of_its_own_numbers(facts: Facts) -> None:
    seen = [(each["used"], each["reserved"]) for each in facts["watched"]["seen"]]
    changes = [now for before, now in zip([None, *seen], seen, strict=False) if before != now]
    assert changes[:5] == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 0)]
    assert changes[-1] == (1, 9)
    assert changes[5:] == sorted(changes[5:])


def test_no_client_writes_or_reads_what_is_not_its_own(facts: Facts) -> None:
    assert facts["cheated"] == {
        "addsCredits": "permission-denied",
        "becomesAdmin": "permission-denied",
        "opensByHand": "permission-denied",
        "readsAnother": "permission-denied",
        "after": numbers(1, 9, 0),
    }


def test_a_user_lists_their_own_generations_newest_first(facts: Facts) -> None:
    listed = facts["listed"]
    assert listed["statuses"][:9] == ["pending"] * 9
    assert sorted(listed["statuses"][9:]) == ["failed", "success"]
    assert listed["newestFirst"]
    assert listed["failures"] == 1


def test_a_hold_that_nobody_reports_on_ends_by_itself(facts: Facts) -> None:
    assert facts["forgotten"] == {
        "now": "2027-03-15T09:16:00Z",
        "before": numbers(9, 1, 0),
        "after": numbers(9, 0, 1),
    }


def test_the_next_period_begins_with_the_whole_allowance(facts: Facts) -> None:
    assert facts["nextPeriod"] == {
        "now": "2027-04-01T00:00:00Z",
        "before": numbers(9, 0, 1),
        "after": numbers(0, 0, 10, MAY),
    }


def test_the_lifetime_numbers_outlive_the_period(facts: Facts) -> None:
    assert facts["summed"] == {
        "lifetimeTotal": 9,
        "currentPeriodUsed": 0,
        "stats": {"total": 11, "success": 9, "failed": 2, "pending": 0},
    }
