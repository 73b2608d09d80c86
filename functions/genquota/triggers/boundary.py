"""The wall between the wire and the house: the only place that catches what it did not raise.

A callable passes it twice. Outside the SDK's decorator, `door` meets what the SDK would answer badly
or log in full: bodies that are no JSON, too large or too deep. Inside, `answer` knows who calls,
understands the request, runs the use-case and maps every error to the contract's table.
"""

import functools
import time
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, TypeVar

from firebase_functions.https_fn import CallableRequest, HttpsError
from flask import Request as HttpRequest
from flask import Response, jsonify
from flask_cors import cross_origin
from werkzeug.wsgi import get_input_stream

from genquota import settings
from genquota.domain.errors import (
    AppNotVerified,
    GenquotaError,
    InvalidArgument,
    NotSignedIn,
    Unavailable,
)
from genquota.domain.words import is_document_name
from genquota.messages.json_values import MAX_BODY_BYTES, parse_body
from genquota.messages.requests import Request
from genquota.triggers.errors import to_wire, unforeseen
from genquota.triggers.logs import log_failure, log_request
from genquota.triggers.runtime import context, understand
from genquota.use_cases.context import Caller, Context

R = TypeVar("R", bound=Request)
HttpFunction = Callable[[HttpRequest], Response]

_REQUEST_ID, _DATA, _STATUS = "genquota.request_id", "genquota.data", "genquota.status"


def answer(
    request: CallableRequest[Any],
    model: type[R],
    call: Callable[[Context, Caller, R], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Answer a callable: who calls, what do they ask, what is so?

    Raises:
        HttpsError: What the contract says of the error.
    """
    environ = request.raw_request.environ
    try:
        caller = _caller(request)
        asked = understand(model, environ[_DATA])
        answered = call(context(), caller, asked)
    except GenquotaError as error:
        if isinstance(error, Unavailable):
            log_failure(error, environ[_REQUEST_ID])
        raise to_wire(error) from error
    except Exception as error:  # noqa: BLE001 - here is where all ends up
        log_failure(error, environ[_REQUEST_ID])
        raise unforeseen(environ[_REQUEST_ID]) from None
    environ[_STATUS] = answered.get("generationStatus")
    return answered


def door(sdk_function: Callable[..., Any]) -> HttpFunction:
    """Wrap a function made by `@on_call`. Its name and endpoint stay what they are."""

    @functools.wraps(sdk_function)
    def through_the_door(request: HttpRequest) -> Response:
        begun = time.monotonic()
        request_id = uuid.uuid4().hex
        request.environ[_REQUEST_ID] = request_id
        try:
            request.environ[_DATA] = _read_data(request)
        except InvalidArgument as error:
            response = _refusal(to_wire(error))
        else:
            response = _completed(sdk_function(request), request_id)
        reason = "ok" if response.status_code == HTTPStatus.OK else _reason(response) or "?"
        seconds = time.monotonic() - begun
        status = request.environ.get(_STATUS)
        log_request(sdk_function.__name__, reason, seconds, request_id, status)
        return response

    # Answers preflights, and lets a browser read what the door itself refuses.
    wrapped: HttpFunction = cross_origin(methods="POST", origins="*")(through_the_door)
    return wrapped


def _read_data(request: HttpRequest) -> object:
    """Return what stands under `data` in the body.

    Raises:
        InvalidArgument: It is not a callable's request.
    """
    content = _read_body(request)  # first of all: the framework reads it too, without a bound
    if request.method != "POST":
        raise InvalidArgument((("", "use POST"),))
    if request.mimetype != "application/json":
        raise InvalidArgument((("", "use Content-Type: application/json"),))
    body = parse_body(content)
    if not isinstance(body, dict) or body.keys() != {"data"}:
        raise InvalidArgument((("", 'the body must be {"data": {…}}'),))
    return body["data"]


def _read_body(request: HttpRequest) -> bytes:
    """Return the body, of which no more than is allowed is held in memory.

    Raises:
        InvalidArgument: It is too large.
    """
    stream, body = get_input_stream(request.environ), b""
    while len(body) <= MAX_BODY_BYTES and (piece := stream.read(MAX_BODY_BYTES + 1)):
        body += piece
    is_too_large = len(body) > MAX_BODY_BYTES
    while is_too_large and stream.read(MAX_BODY_BYTES):
        pass  # a client that is still sending would not see the answer
    # The SDK and the framework read it again.
    kept = b"" if is_too_large else body
    request.environ |= {"wsgi.input": BytesIO(kept), "CONTENT_LENGTH": str(len(kept))}
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)
    if is_too_large:
        raise InvalidArgument((("", f"the body is larger than {MAX_BODY_BYTES} bytes"),))
    return body


def _caller(request: CallableRequest[Any]) -> Caller:
    """Return who calls.

    Raises:
        AppNotVerified: App Check is enforced and found no genuine app.
        NotSignedIn: No token, or one that has expired. The SDK has checked the rest, but the Auth
            emulator's SDK passes expired ones.
    """
    if settings.app_check_is_enforced() and request.app is None:
        raise AppNotVerified
    auth = request.auth
    if auth is None or not auth.uid or not is_document_name(auth.uid):
        raise NotSignedIn
    claims = auth.token
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= time.time():
        raise NotSignedIn
    return caller_of(auth.uid, claims)


def caller_of(uid: str, claims: Mapping[str, Any]) -> Caller:
    """Return the caller that a verified token speaks of."""
    email = claims.get("email")
    return Caller(
        uid,
        email,
        claims.get("name"),
        claims.get("picture"),
        is_verified=bool(claims.get("phone_number") or (email and claims.get("email_verified"))),
    )


def _refusal(error: HttpsError) -> Response:
    # The SDK answers with these two when it is given an HttpsError; it has no public way to say so.
    response = jsonify(error=error._as_dict())  # noqa: SLF001
    response.status_code = error._http_error_code.status  # noqa: SLF001
    return response


def _completed(response: Response, request_id: str) -> Response:
    """Give what the SDK refused by itself the `details.reason` that clients branch on."""
    if response.status_code == HTTPStatus.OK or _reason(response):
        return response
    match response.status_code:
        case HTTPStatus.UNAUTHORIZED:
            return _refusal(to_wire(NotSignedIn()))
        case HTTPStatus.BAD_REQUEST:
            return _refusal(to_wire(InvalidArgument()))
        case _:
            return _refusal(unforeseen(request_id))


def _reason(response: Response) -> str | None:
    """Return `error.details.reason`, if the response has one."""
    error = (response.get_json(silent=True) or {}).get("error") or {}
    return (error.get("details") or {}).get("reason")
