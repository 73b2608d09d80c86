"""The table of errors: the status and the details of each refusal."""

from typing import Any

from firebase_functions.https_fn import FunctionsErrorCode, HttpsError

from genquota.domain import errors
from genquota.messages.answers.callable_answers import rfc3339
from genquota.messages.answers.refusal_texts import text_of

STATUS = {
    errors.QuotaExceeded: FunctionsErrorCode.RESOURCE_EXHAUSTED,
    errors.RateExceeded: FunctionsErrorCode.RESOURCE_EXHAUSTED,
    errors.TooManyOpen: FunctionsErrorCode.RESOURCE_EXHAUSTED,
    errors.NoPlan: FunctionsErrorCode.FAILED_PRECONDITION,
    errors.GenerationClosed: FunctionsErrorCode.FAILED_PRECONDITION,
    errors.IdempotencyMismatch: FunctionsErrorCode.ALREADY_EXISTS,
    errors.Conflict: FunctionsErrorCode.ABORTED,
    errors.GenerationNotFound: FunctionsErrorCode.NOT_FOUND,
    errors.UserNotFound: FunctionsErrorCode.NOT_FOUND,
    errors.PlanNotFound: FunctionsErrorCode.NOT_FOUND,
    errors.NotFound: FunctionsErrorCode.NOT_FOUND,
    errors.InvalidArgument: FunctionsErrorCode.INVALID_ARGUMENT,
    errors.NotSignedIn: FunctionsErrorCode.UNAUTHENTICATED,
    errors.AppNotVerified: FunctionsErrorCode.UNAUTHENTICATED,
    errors.NotAllowed: FunctionsErrorCode.PERMISSION_DENIED,
    errors.AccountDisabled: FunctionsErrorCode.PERMISSION_DENIED,
    errors.AccountDeleted: FunctionsErrorCode.PERMISSION_DENIED,
    errors.Contention: FunctionsErrorCode.ABORTED,
    errors.Unavailable: FunctionsErrorCode.UNAVAILABLE,
}


def to_wire(error: errors.GenquotaError) -> HttpsError:
    """Return the error as the SDK raises it to the caller."""
    details = {"reason": error.reason, **_facts(error)}
    return HttpsError(STATUS[type(error)], text_of(error), details)


def internal_error(request_id: str) -> HttpsError:
    """Return the error for an unexpected failure, with the id to find it in the log."""
    details = {"reason": "internal", "requestId": request_id}
    message = "Something went wrong. Tell support the requestId."
    return HttpsError(FunctionsErrorCode.INTERNAL, message, details)


def _facts(error: errors.GenquotaError) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    match error:
        case errors.LimitRefusal():
            facts = {
                "window": str(error.window),
                "type": error.type,
                "limit": error.limit,
                "used": error.used,
                "reserved": error.reserved,
                "remaining": error.remaining,
                "requested": error.requested,
                "resetsAt": error.resets_at and rfc3339(error.resets_at),
                "retryAfterSeconds": error.retry_after_seconds,
            }
        case errors.NoPlan():
            facts = {"planId": error.plan_id}
        case errors.GenerationClosed():
            facts = {"generationStatus": error.status.value}
        case errors.IdempotencyMismatch():
            ids = {"generationId": error.generation_id, "grantId": error.grant_id}
            facts = {name: id_ for name, id_ in ids.items() if id_}
        case errors.InvalidArgument():
            facts = {"fields": [{"path": path, "message": text} for path, text in error.fields]}
        case errors.Conflict():
            facts = {"version": error.version}
    return facts
