"""The table of errors: the status and the details of each refusal."""

from typing import TYPE_CHECKING, Any

from genquota.domain import errors
from genquota.domain.records import dataclass
from genquota.messages.answers.callable_answers import rfc3339
from genquota.messages.answers.refusal_texts import text_of

if TYPE_CHECKING:
    from firebase_functions.https_fn import HttpsError

HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}
"""By the names of google.rpc.Code, which Firebase's client SDKs turn into their error codes."""

STATUS = {
    errors.QuotaExceeded: "RESOURCE_EXHAUSTED",
    errors.RateExceeded: "RESOURCE_EXHAUSTED",
    errors.TooManyOpen: "RESOURCE_EXHAUSTED",
    errors.NoPlan: "FAILED_PRECONDITION",
    errors.GenerationClosed: "FAILED_PRECONDITION",
    errors.IdempotencyMismatch: "ALREADY_EXISTS",
    errors.Conflict: "ABORTED",
    errors.GenerationNotFound: "NOT_FOUND",
    errors.UserNotFound: "NOT_FOUND",
    errors.PlanNotFound: "NOT_FOUND",
    errors.NotFound: "NOT_FOUND",
    errors.InvalidArgument: "INVALID_ARGUMENT",
    errors.NotSignedIn: "UNAUTHENTICATED",
    errors.AppNotVerified: "UNAUTHENTICATED",
    errors.NotAllowed: "PERMISSION_DENIED",
    errors.AccountDisabled: "PERMISSION_DENIED",
    errors.AccountDeleted: "PERMISSION_DENIED",
    errors.Contention: "ABORTED",
    errors.Unavailable: "UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """What a refusal says under `error`, as the protocol of callable functions has it."""

    status: str
    message: str
    details: dict[str, Any]

    @property
    def http_status(self) -> int:
        return HTTP_STATUS[self.status]


def answer_to(error: errors.GenquotaError) -> ErrorAnswer:
    """Return the error as the caller gets it."""
    details = {"reason": error.reason, **_facts(error)}
    return ErrorAnswer(STATUS[type(error)], text_of(error), details)


def to_wire(error: errors.GenquotaError) -> "HttpsError":
    """Return the same for callables of the app's own to raise, which the SDK serves."""
    from firebase_functions.https_fn import FunctionsErrorCode, HttpsError  # noqa: PLC0415 - few need it

    answer = answer_to(error)
    code = FunctionsErrorCode(answer.status.lower().replace("_", "-"))
    return HttpsError(code, answer.message, answer.details)


def internal_error(request_id: str) -> ErrorAnswer:
    """Return the error for an unexpected failure, with the id to find it in the log."""
    details = {"reason": "internal", "requestId": request_id}
    return ErrorAnswer("INTERNAL", "Something went wrong. Tell support the requestId.", details)


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
