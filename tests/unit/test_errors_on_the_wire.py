"""Every refusal has a reason, a status, facts and a text that helps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from firebase_functions import https_fn

from genquota.domain import errors
from genquota.domain.enums import Status
from genquota.domain.errors import GenquotaError
from genquota.messages.answers.refusal_texts import text_of
from genquota.triggers.errors import HTTP_STATUS, STATUS, answer_to, internal_error, to_wire
from tests.unit.samples import NOW, at

MIDNIGHT = at("2026-11-19")
QUOTA = errors.QuotaExceeded(
    now=NOW,
    window="day",
    type="video",
    limit=9,
    used=3,
    reserved=4,
    remaining=2,
    requested=5,
    resets_at=MIDNIGHT,
)
OPEN = errors.TooManyOpen(
    now=NOW,
    window="open",
    type=None,
    limit=2,
    used=0,
    reserved=2,
    remaining=0,
    requested=1,
    resets_at=at("2026-11-18T12:05"),
)
RATE = errors.RateExceeded(
    now=NOW,
    window="minute",
    type=None,
    limit=3,
    used=3,
    reserved=0,
    remaining=0,
    requested=1,
    resets_at=at("2026-11-18T12:01"),
)

WIRE: list[tuple[GenquotaError, str, str, int, dict[str, Any]]] = [
    (
        QUOTA,
        "quota-exceeded",
        "RESOURCE_EXHAUSTED",
        429,
        {
            "window": "day",
            "type": "video",
            "limit": 9,
            "used": 3,
            "reserved": 4,
            "remaining": 2,
            "requested": 5,
            "resetsAt": "2026-11-19T00:00:00Z",
            "retryAfterSeconds": 43200,
        },
    ),
    (
        RATE,
        "rate-exceeded",
        "RESOURCE_EXHAUSTED",
        429,
        {
            "window": "minute",
            "type": None,
            "limit": 3,
            "used": 3,
            "reserved": 0,
            "remaining": 0,
            "requested": 1,
            "resetsAt": "2026-11-18T12:01:00Z",
            "retryAfterSeconds": 60,
        },
    ),
    (
        OPEN,
        "too-many-open",
        "RESOURCE_EXHAUSTED",
        429,
        {
            "window": "open",
            "type": None,
            "limit": 2,
            "used": 0,
            "reserved": 2,
            "remaining": 0,
            "requested": 1,
            "resetsAt": "2026-11-18T12:05:00Z",
            "retryAfterSeconds": 300,
        },
    ),
    (errors.NoPlan("gold"), "no-plan", "FAILED_PRECONDITION", 400, {"planId": "gold"}),
    (errors.NoPlan(None), "no-plan", "FAILED_PRECONDITION", 400, {"planId": None}),
    (
        errors.GenerationClosed(Status.CANCELLED),
        "generation-closed",
        "FAILED_PRECONDITION",
        400,
        {"generationStatus": "cancelled"},
    ),
    (errors.Conflict(7), "conflict", "ABORTED", 409, {"version": 7}),
    (
        errors.IdempotencyMismatch("g1"),
        "idempotency-mismatch",
        "ALREADY_EXISTS",
        409,
        {"generationId": "g1"},
    ),
    (
        errors.IdempotencyMismatch(grant_id="t1"),
        "idempotency-mismatch",
        "ALREADY_EXISTS",
        409,
        {"grantId": "t1"},
    ),
    (errors.GenerationNotFound(), "generation-not-found", "NOT_FOUND", 404, {}),
    (errors.UserNotFound(), "user-not-found", "NOT_FOUND", 404, {}),
    (errors.PlanNotFound(), "plan-not-found", "NOT_FOUND", 404, {}),
    (errors.NotFound(), "not-found", "NOT_FOUND", 404, {}),
    (
        errors.InvalidArgument((("count", "too large"), ("", "no JSON"))),
        "invalid-argument",
        "INVALID_ARGUMENT",
        400,
        {"fields": [{"path": "count", "message": "too large"}, {"path": "", "message": "no JSON"}]},
    ),
    (errors.NotSignedIn(), "not-signed-in", "UNAUTHENTICATED", 401, {}),
    (errors.AppNotVerified(), "app-not-verified", "UNAUTHENTICATED", 401, {}),
    (errors.NotAllowed(), "not-allowed", "PERMISSION_DENIED", 403, {}),
    (errors.AccountDisabled(), "account-disabled", "PERMISSION_DENIED", 403, {}),
    (errors.AccountDeleted(), "account-deleted", "PERMISSION_DENIED", 403, {}),
    (errors.Contention(), "contention", "ABORTED", 409, {}),
    (errors.Unavailable(), "unavailable", "UNAVAILABLE", 503, {}),
]
ABSTRACT = {errors.LimitRefusal}


def concrete(base: type[GenquotaError] = GenquotaError) -> set[type[GenquotaError]]:
    """Walk the subclasses, those of subclasses too."""
    below = set(base.__subclasses__()).union(*(concrete(each) for each in base.__subclasses__()))
    return below - ABSTRACT


@pytest.mark.parametrize(("error", "reason", "status", "http", "facts"), WIRE, ids=repr)
def test_a_refusal_goes_out_as_the_contract_says(
    error: GenquotaError, reason: str, status: str, http: int, facts: dict[str, Any]
) -> None:
    sent = answer_to(error)
    assert (sent.status, sent.http_status) == (status, http)
    assert sent.message == text_of(error)
    assert sent.details == {"reason": reason, **facts}
    raised = to_wire(error)  # by a callable of the app's own
    assert raised._http_error_code.status == http
    assert raised._as_dict() == {
        "status": status,
        "message": sent.message,
        "details": sent.details,
    }


def test_statuses_go_out_as_the_sdk_sends_them() -> None:
    """Its table is private, and this the only place that looks into it."""
    known = {code.canonical_name.value: code.status for code in https_fn._error_code_map.values()}
    assert known | HTTP_STATUS == known


def test_every_refusal_has_a_status_and_is_in_the_table_above() -> None:
    assert set(STATUS) == concrete()
    assert {type(error) for error, *_ in WIRE} == concrete()


def test_every_reason_names_one_refusal() -> None:
    reasons = [each.reason for each in concrete()]
    assert len(reasons) == len(set(reasons))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", reason) for reason in reasons)


@pytest.mark.parametrize("error", [entry[0] for entry in WIRE], ids=repr)
def test_every_refusal_has_a_text_for_people(error: GenquotaError) -> None:
    text = text_of(error)
    assert re.fullmatch(r"[A-Z0-9].{15,}\.", text)
    assert "None" not in text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (QUOTA, "Not enough credits: 2 of 9 left this day, 5 needed."),
        (OPEN, "2 generations are open, 2 may be. Finish one first."),
        (RATE, "No more than 3 each minute. Wait a little."),
        (errors.NoPlan(None), "No plan gives access. Subscribe first."),
        (errors.NoPlan("gold"), "The plan gold is not set up. Ask the app's support."),
        (errors.NotAllowed(), "You may not do this."),
        (errors.NotAllowed("The last admin stays."), "The last admin stays."),
        (errors.GenerationClosed(Status.SUCCESS), "This generation has already ended: success."),
    ],
    ids=repr,
)
def test_a_text_gives_the_facts(error: GenquotaError, text: str) -> None:
    assert text_of(error) == text


def test_what_waiting_cannot_help_has_no_time() -> None:
    hopeless = errors.QuotaExceeded(
        now=NOW,
        window="day",
        type=None,
        limit=1,
        used=0,
        reserved=0,
        remaining=1,
        requested=5,
        resets_at=None,
    )
    details = answer_to(hopeless).details
    assert (details["resetsAt"], details["retryAfterSeconds"]) == (None, None)


def test_what_nobody_foresaw_tells_where_to_find_it_and_nothing_else() -> None:
    sent = internal_error("r1")
    assert (sent.status, sent.http_status) == ("INTERNAL", 500)
    assert sent.message == "Something went wrong. Tell support the requestId."
    assert sent.details == {"reason": "internal", "requestId": "r1"}


def test_refusals_of_two_calls_are_two_however_alike() -> None:
    """An error is the event that it tells of: raising one again must not look like the other."""
    assert errors.NoPlan("gold") != errors.NoPlan("gold")
