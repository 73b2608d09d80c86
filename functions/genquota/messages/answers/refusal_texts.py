"""Texts of refusals for people. Clients branch on `details.reason`, never on these."""

from genquota.domain.errors import (
    GenerationClosed,
    GenquotaError,
    LimitRefusal,
    NoPlan,
    NotAllowed,
    QuotaExceeded,
    TooManyOpen,
)

_TEXTS = {
    "conflict": "Somebody else has changed it since you read it. Read it again.",
    "idempotency-mismatch": "This idempotencyKey was used for another request. Take a new key.",
    "generation-not-found": "There is no such generation of this user.",
    "user-not-found": "There is no such user.",
    "plan-not-found": "There is no such plan.",
    "not-found": "There is no such thing.",
    "invalid-argument": "The request is not understood. See details.fields.",
    "not-signed-in": "Sign in first, or refresh the ID token.",
    "app-not-verified": "This app could not be verified (App Check).",
    "not-allowed": "You may not do this.",
    "account-disabled": "This account is disabled. Ask the app's support.",
    "account-deleted": "This account was deleted.",
    "contention": "Too many requests for this user at once. Try again with the same key.",
    "unavailable": "The service is briefly unavailable and nothing was allowed. Try again.",
}


def text_of(error: GenquotaError) -> str:  # noqa: PLR0911 - one line a refusal
    """Say what was refused and what to do about it."""
    match error:
        case TooManyOpen():
            return f"{error.reserved} generations are open, {error.limit} may be. Finish one first."
        case QuotaExceeded():
            left = f"{error.remaining} of {error.limit} left this {error.window}"
            return f"Not enough credits: {left}, {error.requested} needed."
        case LimitRefusal():
            return f"No more than {error.limit} each {error.window}. Wait a little."
        case NoPlan(must_verify=True):
            return "Verify your email address or phone number first."
        case NoPlan(plan_id=None):
            return "No plan gives access. Subscribe first."
        case NoPlan():
            return f"The plan {error.plan_id} is not set up. Ask the app's support."
        case GenerationClosed():
            return f"This generation has already ended: {error.status}."
        case NotAllowed(why=str() as why):
            return why
        case _:
            return _TEXTS[error.reason]
