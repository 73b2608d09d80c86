"""How an app's business goes, step by step: somebody pays, and an operator helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = dict[str, Any]

APRIL_1, APRIL_15 = "2027-04-01T00:00:00Z", "2027-04-15T09:00:00Z"


@pytest.fixture(scope="module")
def facts(play: Callable[[str], Facts]) -> Facts:
    return play("business")


def numbers(limit: int, used: int, resets_at: str = APRIL_15) -> Facts:
    return {
        "limit": limit,
        "used": used,
        "reserved": 0,
        "remaining": limit - used,
        "resetsAt": resets_at,
    }


def test_a_signed_event_of_stripe_upgrades_at_once_and_once(facts: Facts) -> None:
    assert facts["upgraded"] == {
        "forged": 401,
        "planIds": ["free", "free", "plus"],
        "delivered": ["processed", "duplicate"],
        "before": numbers(10, 1, APRIL_1),
        "after": numbers(100, 0),
    }


def test_an_operator_gives_credits_once_for_a_ticket_and_nobody_else_does(facts: Facts) -> None:
    granted = facts["granted"]
    assert granted["notYet"] == {"code": 403, "reason": "not-allowed"}
    assert granted["byUser"] == {"code": 403, "reason": "not-allowed"}
    assert granted["left"] == 5


def test_a_refund_gives_a_settled_generation_back_once(facts: Facts) -> None:
    assert facts["refunded"] == {
        "status": "success",
        "charged": 0,
        "refunded": True,
        "before": numbers(100, 1),
        "after": numbers(100, 0),
    }


def test_a_reset_is_shown_first_and_then_done_with_an_audit_entry(facts: Facts) -> None:
    assert facts["reset"] == {
        "promised": 0,
        "still": 3,
        "entry": {
            "action": "reset-period",
            "note": "ticket 4713: they tested for us",
            "byOperator": True,
        },
        "actions": ["reset-period", "refund-generation", "give-grant"],
        "before": numbers(100, 3),
        "after": numbers(100, 0),
    }


def test_not_even_the_operator_changes_the_entry(facts: Facts) -> None:
    assert facts["cannotHideIt"] == {"changes": "permission-denied"}
