"""Error boundary of the callables: the only place that catches every exception.

A callable passes it twice. Outside the SDK's decorator, `callable_middleware` rejects what the SDK would
answer badly or log in full: bodies that are no JSON, too large or too deep. Inside, `handle_callable`
identifies the caller, parses the request, runs the use-case and maps every error to the table of errors.
"""

import functools
import time
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from firebase_functions.https_fn import CallableRequest
from flask import Request as HttpRequest
from flask import Response
from flask_cors import cross_origin

from genquota import settings
from genquota.domain.errors import (
    AppNotVerified,
    GenquotaError,
    InvalidArgument,
    NotSignedIn,
    RateExceeded,
    Unavailable,
)
from genquota.messages.requests.callable_requests import Request
from genquota.messages.requests.values import parse_body
from genquota.triggers.admission import (
    JSON,
    caller_of,
    limit_anonymous,
    limit_user,
    read_body,
    reason_of,
    refusal,
)
from genquota.triggers.errors import internal_error, to_wire
from genquota.triggers.logs import log_failure, log_request
from genquota.triggers.runtime import context, parse_request
from genquota.use_cases.core.context import Caller, Context

R = TypeVar("R", bound=Request)
HttpFunction = Callable[[HttpRequest], Response]

_REQUEST_ID, _DATA, _STATUS = "genquota.request_id", "genquota.data", "genquota.status"


def handle_callable(
    request: CallableRequest[Any],
    model: type[R],
    call: Callable[[Context, Caller, R], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Handle a callable: identify the caller, parse the request, run the use-case.

    Raises:
        HttpsError: What the contract says of the error.
    """
    environ = request.raw_request.environ
    try:
        caller = _caller(request)
        limit_user(caller)
        parsed = parse_request(model, environ[_DATA])
        answered = call(context(), caller, parsed)
    except GenquotaError as error:
        if isinstance(error, Unavailable):
            log_failure(error, environ[_REQUEST_ID])
        raise to_wire(error) from error
    except Exception as error:  # noqa: BLE001 - every unexpected error ends here
        log_failure(error, environ[_REQUEST_ID])
        raise internal_error(environ[_REQUEST_ID]) from None
    environ[_STATUS] = answered.get("generationStatus")
    return answered


def callable_middleware(sdk_function: Callable[..., Any]) -> HttpFunction:
    """Wrap a function made by `@on_call`. Its name and endpoint stay what they are."""

    @functools.wraps(sdk_function)
    def middleware(request: HttpRequest) -> Response:
        begun = time.monotonic()
        request_id = uuid.uuid4().hex
        request.environ[_REQUEST_ID] = request_id
        try:
            request.environ[_DATA] = _read_data(request)
            response = _completed(sdk_function(request), request_id)
            if reason_of(response) == NotSignedIn.reason:
                limit_anonymous(request)
        except (InvalidArgument, RateExceeded) as error:
            response = refusal(to_wire(error))
        reason = reason_of(response) or "?"
        seconds = time.monotonic() - begun
        status = request.environ.get(_STATUS)
        log_request(sdk_function.__name__, reason, seconds, request_id, status)
        return response

    # Answers preflights, and lets a browser read what the middleware itself refuses.
    wrapped: HttpFunction = cross_origin(methods="POST", origins="*")(middleware)
    return wrapped


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


def _caller(request: CallableRequest[Any]) -> Caller:
    """Return who calls.

    Raises:
        AppNotVerified: App Check is enforced and found no genuine app.
        NotSignedIn: No token, or one that has expired. The SDK has checked the rest, but the Auth
            emulator's SDK passes expired ones.
    """
    if settings.app_check_is_enforced() and request.app is None:
        raise AppNotVerified
    if request.auth is None:
        raise NotSignedIn
    return caller_of(request.auth.uid, request.auth.token)


def _completed(response: Response, request_id: str) -> Response:
    """Give what the SDK refused by itself the `details.reason` that clients branch on."""
    if reason_of(response):
        return response
    match response.status_code:
        case HTTPStatus.UNAUTHORIZED:
            return refusal(to_wire(NotSignedIn()))
        case HTTPStatus.BAD_REQUEST:
            return refusal(to_wire(InvalidArgument()))
        case _:
            return refusal(internal_error(request_id))
