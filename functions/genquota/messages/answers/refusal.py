"""The error object, the same in callables and in the HTTP API."""

from pydantic import ConfigDict

from genquota.messages.answers.callable_answers import Answer


class ErrorDetails(Answer):
    """The reason, which clients branch on, and the facts that belong to it."""

    model_config = ConfigDict(extra="allow")

    reason: str


class ErrorBody(Answer):
    status: str
    message: str
    """For people; may change."""
    details: ErrorDetails


class ErrorAnswer(Answer):
    """What is answered instead of a result."""

    error: ErrorBody
