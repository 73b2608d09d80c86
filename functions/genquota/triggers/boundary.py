"""Error boundary of the callables and of the HTTP API: the only place that catches every exception.

`respond` maps every error to the table of errors, and writes one line of the log for each request.
`callable_function` makes a callable of a handler; docs/decisions/0014-the-protocol-of-callables.md says why
that is not left to the SDK.
"""

import functools
import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Request as HttpRequest
from flask import Response

from genquota import settings
from genquota.domain.errors import AppNotVerified, GenquotaError, InvalidArgument, Unavailable
from genquota.domain.records import dataclass
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.requests.callable_requests import Request
from genquota.messages.requests.values import parse_body
from genquota.triggers.admission import JSON, admit, read_body, verify_user
from genquota.triggers.endpoints import declare_callable
from genquota.triggers.errors import ErrorAnswer, answer_to, internal_error
from genquota.triggers.logs import log_failure, log_request
from genquota.triggers.runtime import context, parse_request
from genquota.use_cases.core.context import Caller, Context

R = TypeVar("R", bound=Request)
HttpFunction = Callable[[HttpRequest], Response]
Handler = Callable[[Context, Caller, R], Answer | Mapping[str, Any]]


@dataclass(slots=True)
class LogEntry:
    """What the log says of a request, beside how long it took."""

    verb: str
    reason: str = "ok"
    status: str | None = None
    """Of the generation that the request was about."""


def respond(
    request: HttpRequest, entry: LogEntry, answer: Callable[[HttpRequest, LogEntry], Response]
) -> Response:
    """Answer a request, or say by the table of errors why not; log it in either case."""
    begun, request_id = time.monotonic(), uuid.uuid4().hex
    try:
        response = answer(request, entry)
    except GenquotaError as error:
        if isinstance(error, Unavailable):
            log_failure(error, request_id)
        entry.reason, response = error.reason, refusal(answer_to(error))
    except Exception as error:  # noqa: BLE001 - every unexpected error ends here
        log_failure(error, request_id)
        entry.reason, response = "internal", refusal(internal_error(request_id))
    log_request(entry.verb, entry.reason, time.monotonic() - begun, request_id, entry.status)
    return response


def refusal(error: ErrorAnswer) -> Response:
    """Return the response that Firebase's client SDKs understand as an error."""
    fields = {"status": error.status, "message": error.message, "details": error.details}
    return Response(json.dumps({"error": fields}), error.http_status, mimetype=JSON)


def callable_function(model: type[R], **options: Any) -> Callable[[Handler[R]], HttpFunction]:  # noqa: ANN401 - the SDK's
    """Make a callable function of a handler.

    Args:
        model: Of the request.
        options: Of the function, as `@on_call` takes them.
    """

    def decorate(handle: Handler[R]) -> HttpFunction:
        def answer(request: HttpRequest, entry: LogEntry) -> Response:
            data = _read_data(request)
            _require_genuine_app(request)
            caller = admit(request, verify_user)
            here = context()
            answered = handle(here, caller, parse_request(model, data, here.policy))
            entry.status = getattr(answered, "generation_status", None)
            result = answered.encoded() if isinstance(answered, Answer) else json.dumps(answered)
            return Response(f'{{"result":{result}}}', mimetype=JSON)

        @for_browsers(methods="POST")
        @functools.wraps(handle)
        def serve(request: HttpRequest) -> Response:
            return respond(request, LogEntry(handle.__name__), answer)

        declare_callable(serve, **{"secrets": settings.SECRETS_OF_CALLABLES, **options})
        return serve

    return decorate


def for_browsers(**options: Any) -> Callable[[HttpFunction], HttpFunction]:  # noqa: ANN401 - the library's
    """Let pages of any origin call a function, with options of `cross_origin`.

    Other callers name no origin. They get the same header without the library's work, a twentieth of a call.
    """

    def decorate(function: HttpFunction) -> HttpFunction:
        @functools.cache
        def by_library() -> HttpFunction:
            from flask_cors import cross_origin  # noqa: PLC0415 - apps on devices start without it

            served: HttpFunction = cross_origin(origins="*", **options)(function)
            return served

        @functools.wraps(function)
        def serve(request: HttpRequest) -> Response:
            if "HTTP_ORIGIN" in request.environ or request.method == "OPTIONS":
                return by_library()(request)
            response = function(request)
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response

        return serve

    return decorate


def _read_data(request: HttpRequest) -> object:
    """Return what stands under `data` in the body.

    Raises:
        InvalidArgument: It is not a callable's request.
    """
    content = read_body(request)  # first of all: the framework reads it too, without a bound
    if request.method != "POST":
        raise InvalidArgument((("", "use POST"),))
    if request.mimetype != JSON:
        raise InvalidArgument((("", "use Content-Type: application/json"),))
    body = parse_body(content)
    if not isinstance(body, dict) or body.keys() != {"data"}:
        raise InvalidArgument((("", 'the body must be {"data": {…}}'),))
    # Client SDKs send null for a call without an argument.
    return {} if body["data"] is None else body["data"]


def _require_genuine_app(request: HttpRequest) -> None:
    """Refuse what is not called by an app that Firebase App Check knows, if the deployment asks for one.

    Raises:
        AppNotVerified
    """
    if not settings.app_check_is_enforced():
        return
    from firebase_admin import app_check  # noqa: PLC0415 - most deployments do not ask for it

    try:
        app_check.verify_token(request.headers.get("X-Firebase-AppCheck", ""))
    except Exception as refused:
        # The library documents three kinds of errors and lets others through; none of them is a pass.
        raise AppNotVerified from refused
