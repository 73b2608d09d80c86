"""The contract's table of errors: what each reason looks like on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.functions.app import Answer

_LIMIT = {
    "window",
    "type",
    "limit",
    "used",
    "reserved",
    "remaining",
    "requested",
    "resetsAt",
    "retryAfterSeconds",
}

ERRORS: dict[str, tuple[str, int, set[str]]] = {
    "quota-exceeded": ("RESOURCE_EXHAUSTED", 429, _LIMIT),
    "rate-exceeded": ("RESOURCE_EXHAUSTED", 429, _LIMIT),
    "too-many-open": ("RESOURCE_EXHAUSTED", 429, _LIMIT),
    "no-plan": ("FAILED_PRECONDITION", 400, {"planId"}),
    "generation-closed": ("FAILED_PRECONDITION", 400, {"generationStatus"}),
    "idempotency-mismatch": ("ALREADY_EXISTS", 409, {"generationId"}),
    "conflict": ("ABORTED", 409, {"version"}),
    "generation-not-found": ("NOT_FOUND", 404, set()),
    "user-not-found": ("NOT_FOUND", 404, set()),
    "plan-not-found": ("NOT_FOUND", 404, set()),
    "not-found": ("NOT_FOUND", 404, set()),
    "invalid-argument": ("INVALID_ARGUMENT", 400, {"fields"}),
    "not-signed-in": ("UNAUTHENTICATED", 401, set()),
    "app-not-verified": ("UNAUTHENTICATED", 401, set()),
    "not-allowed": ("PERMISSION_DENIED", 403, set()),
    "account-disabled": ("PERMISSION_DENIED", 403, set()),
    "account-deleted": ("PERMISSION_DENIED", 403, set()),
    "contention": ("ABORTED", 409, set()),
    "unavailable": ("UNAVAILABLE", 503, set()),
    "internal": ("INTERNAL", 500, {"requestId"}),
}
"""Status, HTTP code, and what `details` hold beside the reason."""


def details_of(answer: Answer, reason: str) -> dict[str, Any]:
    """Check that an answer refuses for that reason exactly as the table says; return its details."""
    status, http, names = ERRORS[reason]
    error = answer.error
    details: dict[str, Any] = error["details"]
    assert error.keys() == {"status", "message", "details"}
    assert (details.get("reason"), error["status"], answer.http) == (reason, status, http)
    assert details.keys() == {"reason", *names}
    assert isinstance(error["message"], str)
    assert error["message"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return {name: details[name] for name in names}
