"""Request bodies: bounded reading, and responses to invalid ones."""

from http import HTTPStatus
from io import BytesIO

from firebase_functions.https_fn import HttpsError
from flask import Request as HttpRequest
from flask import Response, jsonify
from werkzeug.wsgi import get_input_stream

from genquota.domain.errors import InvalidArgument
from genquota.messages.requests.values import MAX_BODY_BYTES

JSON = "application/json"


def read_body(request: HttpRequest, most: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of at most so many bytes, and leave it where the SDK and the framework read it again.

    Raises:
        InvalidArgument: It is too large.
    """
    stream, body = get_input_stream(request.environ), b""
    while len(body) <= most and (piece := stream.read(most + 1)):
        body += piece
    is_too_large = len(body) > most
    while is_too_large and stream.read(most):
        pass  # a client that is still sending would not see the answer
    kept = b"" if is_too_large else body
    request.environ |= {"wsgi.input": BytesIO(kept), "CONTENT_LENGTH": str(len(kept))}
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)
    if is_too_large:
        raise InvalidArgument((("", f"the body is larger than {most} bytes"),))
    return body


def refusal(error: HttpsError) -> Response:
    """Return the response that the SDK would give for an error."""
    # The SDK answers with these two when it is given an HttpsError; it has no public way to say so.
    response = jsonify(error=error._as_dict())  # noqa: SLF001
    response.status_code = error._http_error_code.status  # noqa: SLF001
    return response


def reason_of(response: Response) -> str | None:
    """Return `error.details.reason`, if the response has one; `ok` for answers."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return "ok"
    error = (response.get_json(silent=True) or {}).get("error") or {}
    return (error.get("details") or {}).get("reason")
