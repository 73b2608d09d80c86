"""What `check_limit` answers, to the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from genquota.domain.enums import Window
from genquota.domain.quota.account import Grant
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.messages.answers.callable_answers import (
    DeletedAnswer,
    OpenedAnswer,
    QuotaAnswer,
    ReportedAnswer,
    rfc3339,
)
from tests.unit.samples import (
    NOW,
    POLICY,
    account,
    at,
    holding,
    instants,
    limits,
    plan,
    used_in,
    using,
)

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.plans.plans import Plan
    from genquota.domain.quota.account import Account


def answer(
    alice: Account, terms: Plan | None, quota_request: QuotaRequest | None = None
) -> dict[str, Any]:
    decision = decide(alice, terms, "test", quota_request or QuotaRequest(), NOW, POLICY)
    return QuotaAnswer.of("alice", decision).to_json()


def test_a_quota_is_the_contracts_and_nothing_more() -> None:
    terms = plan(limits(day=20, period=100, video={"week": 5}), rates={"minute": 3})
    alice = replace(using(account(terms), image=7, video=2), grants={"gift": Grant(9, 4)})
    alice = used_in(alice, Window.MINUTE, image=1, video=1)
    assert answer(holding(alice, 3), terms, QuotaRequest(count=2)) == {
        "userId": "alice",
        "planId": "test",
        "canGenerate": True,
        "reason": None,
        "message": "8 of 20 credits left this day, and 5 extra.",
        "creditsNeeded": 2,
        "hasLimit": True,
        "limit": 20,
        "used": 9,
        "reserved": 3,
        "remaining": 8,
        "resetsAt": "2026-11-19T00:00:00Z",
        "retryAfterSeconds": None,
        "grants": {"remaining": 5},
        "windows": [
            {
                "window": "day",
                "type": None,
                "start": "2026-11-18T00:00:00Z",
                "resetsAt": "2026-11-19T00:00:00Z",
                "limit": 20,
                "used": 9,
                "reserved": 3,
                "remaining": 8,
                "isUnlimited": False,
                "hasExceeded": False,
            },
            {
                "window": "period",
                "type": None,
                "start": "2026-11-01T00:00:00Z",
                "resetsAt": "2026-12-01T00:00:00Z",
                "limit": 100,
                "used": 9,
                "reserved": 3,
                "remaining": 88,
                "isUnlimited": False,
                "hasExceeded": False,
            },
            {
                "window": "week",
                "type": "video",
                "start": "2026-11-16T00:00:00Z",
                "resetsAt": "2026-11-23T00:00:00Z",
                "limit": 5,
                "used": 2,
                "reserved": 0,
                "remaining": 3,
                "isUnlimited": False,
                "hasExceeded": False,
            },
            {
                "window": "minute",
                "type": None,
                "start": "2026-11-18T12:00:00Z",
                "resetsAt": "2026-11-18T12:01:00Z",
                "limit": 3,
                "used": 2,
                "reserved": 0,
                "remaining": 1,
                "isUnlimited": False,
                "hasExceeded": False,
            },
        ],
    }


def numbers(quota: dict[str, Any]) -> list[Any]:
    return [quota[name] for name in ("hasLimit", "limit", "used", "reserved", "remaining")]


def test_without_a_limit_the_numbers_are_minus_one() -> None:
    terms = plan(limits(video={"day": 1}))
    quota = answer(holding(using(account(terms), image=7), 3), terms)
    assert numbers(quota) == [False, -1, 7, 3, -1]
    assert quota["resetsAt"] == "2026-12-01T00:00:00Z"
    assert quota["message"] == "No limit applies."
    assert [row["remaining"] for row in quota["windows"]] == [-1, -1, 1]
    assert [row["isUnlimited"] for row in quota["windows"]] == [True, True, False]


def test_without_a_plan_there_is_nothing() -> None:
    quota = answer(account(), None)
    assert numbers(quota) == [True, 0, 0, 0, 0]
    assert (quota["canGenerate"], quota["reason"], quota["windows"]) == (False, "no-plan", [])
    assert (quota["resetsAt"], quota["retryAfterSeconds"]) == (None, None)


def test_what_the_quota_refuses_says_when_to_come_back() -> None:
    terms = plan(limits(day=2, period=100))
    quota = answer(using(account(terms), image=1), terms, QuotaRequest(count=2))
    assert (quota["canGenerate"], quota["reason"]) == (False, "quota-exceeded")
    assert numbers(quota) == [True, 2, 1, 0, 1]
    assert quota["resetsAt"] == "2026-11-19T00:00:00Z"
    assert quota["retryAfterSeconds"] == 12 * 3600


def test_what_waiting_cannot_help_has_no_time() -> None:
    terms = plan(limits(day=2))
    quota = answer(account(terms), terms, QuotaRequest(count=3))
    assert (quota["resetsAt"], quota["retryAfterSeconds"]) == (None, None)
    assert quota["reason"] == "quota-exceeded"


@pytest.mark.parametrize(("reason", "seconds"), [("rate-exceeded", 60), ("too-many-open", 300)])
def test_a_rate_refuses_with_its_own_wait_and_the_limits_own_numbers(
    reason: str, seconds: int
) -> None:
    rates = {"minute": 1} if reason == "rate-exceeded" else {}
    most = 1 if reason == "too-many-open" else None
    terms = plan(limits(period=10), rates=rates, max_open=most)
    alice = using(account(terms), image=1)
    if most:
        alice = holding(alice, 1, end=NOW + timedelta(minutes=5))
    quota = answer(alice, terms)
    assert (quota["canGenerate"], quota["reason"]) == (False, reason)
    assert quota["retryAfterSeconds"] == seconds
    assert (quota["limit"], quota["resetsAt"]) == (10, "2026-12-01T00:00:00Z")


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-11-18T23:59:59", 1),
        ("2026-11-18T23:59:58.999999", 2),
        ("2026-11-18T23:59:59.999999", 1),
        ("2026-11-18T23:00", 3600),
    ],
)
def test_the_wait_is_in_whole_seconds_and_never_too_short(now: str, seconds: int) -> None:
    terms = plan(limits(day=1))
    alice = using(account(terms), image=1)
    decision = decide(alice, terms, "test", QuotaRequest(), at(now), POLICY)
    assert QuotaAnswer.of("alice", decision).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-11-18T12:00", "2026-11-18T12:00:00Z"),
        ("2026-11-18T12:00:00.5", "2026-11-18T12:00:00.500Z"),
        ("2026-11-18T12:00:00.123999", "2026-11-18T12:00:00.123Z"),
        ("2026-11-18T12:00:00.000999", "2026-11-18T12:00:00Z"),
        ("2026-11-18T12:00+05:45", "2026-11-18T06:15:00Z"),
        ("2026-01-01T00:00+14:00", "2025-12-31T10:00:00Z"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00", "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_written_in_utc_and_end_in_z(instant: str, text: str) -> None:
    assert rfc3339(at(instant)) == text


@given(instants)
def test_times_can_be_read_back(instant: datetime) -> None:
    milliseconds = instant.microsecond // 1000 * 1000
    assert at(rfc3339(instant)) == instant.replace(microsecond=milliseconds)


def test_what_opening_reporting_and_deleting_answer_has_the_contracts_keys() -> None:
    quota = QuotaAnswer.of("alice", decide(account(), None, None, QuotaRequest(), NOW, POLICY))
    opened = OpenedAnswer(
        generation_id="g1",
        generation_status="pending",
        credits=2,
        expires_at=at("2026-11-18T12:15"),
        replayed=False,
        quota=quota,
    ).to_json()
    assert set(opened) == {
        "generationId", "generationStatus", "credits", "expiresAt", "replayed", "quota",
    }  # fmt: skip
    assert opened["expiresAt"] == "2026-11-18T12:15:00Z"
    assert opened["quota"] == quota.to_json()
    reported = ReportedAnswer(
        generation_id="g1",
        generation_status="success",
        credits=2,
        charged=2,
        refunded=False,
        quota=quota,
    ).to_json()
    assert set(reported) == {
        "generationId", "generationStatus", "credits", "charged", "refunded", "quota",
    }  # fmt: skip
    assert DeletedAnswer(generation_id="g1").to_json() == {"generationId": "g1"}
