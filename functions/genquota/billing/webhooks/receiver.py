"""Handle webhook requests of all payment providers.

Whatever is not answered with 2xx is sent again. So what cannot be taken in now is refused, and what
cannot be understood without an operator is kept and answered 200. Refusals say nothing, and no body is
logged.
"""

import json
import logging
import time
import uuid
from http import HTTPStatus

from flask import Request as HttpRequest
from flask import Response, jsonify

from genquota.billing.provider import PaymentProvider
from genquota.billing.signatures import InvalidSignature
from genquota.billing.store.receipts import ReceiptStatus
from genquota.billing.use_cases.apply_event import apply_event
from genquota.domain.errors import GenquotaError, InvalidArgument
from genquota.triggers.admission import read_body
from genquota.triggers.logs import log_failure, log_request
from genquota.triggers.runtime import context

MAX_BODY_BYTES = 256 * 1024

_log = logging.getLogger("genquota.webhooks")


def receive(provider: PaymentProvider, request: HttpRequest) -> Response:
    """Answer a provider's request. Every error is mapped to a response here."""
    name = provider.webhook
    begun, request_id = time.monotonic(), uuid.uuid4().hex
    try:
        reason, status, answer = _outcome(provider, request)
    except InvalidArgument as error:
        _log.warning(
            "%s: fields not understood: %s", name, ", ".join(path for path, _ in error.fields)
        )
        reason, status, answer = error.reason, HTTPStatus.BAD_REQUEST, {}
    except GenquotaError as error:
        reason, status, answer = error.reason, HTTPStatus.SERVICE_UNAVAILABLE, {}
    except Exception as error:  # noqa: BLE001 - a way in, like the boundary
        log_failure(error, request_id)
        reason, status, answer = "internal", HTTPStatus.INTERNAL_SERVER_ERROR, {}
    log_request(name, reason, time.monotonic() - begun, request_id)
    response = jsonify(answer)
    response.status_code = status
    return response


def _outcome(
    provider: PaymentProvider, request: HttpRequest
) -> tuple[str, HTTPStatus, dict[str, str]]:
    """Return the reason for the log, and the status and body of the response."""
    try:
        body = read_body(request, MAX_BODY_BYTES)
    except InvalidArgument:
        return "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {}
    if request.method != "POST":
        return "not-post", HTTPStatus.METHOD_NOT_ALLOWED, {}
    try:
        provider.verify(body, request.headers.get)
    except InvalidSignature:
        return "not-genuine", HTTPStatus.UNAUTHORIZED, {}
    applied = apply_event(context(), provider.parse(_parsed(body)), provider.refresher())
    status = applied.status.value if applied.status else "duplicate"
    reason = "unmatched" if applied.status is ReceiptStatus.UNMATCHED else "ok"
    return reason, HTTPStatus.OK, {"status": status}


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidArgument((("", "not JSON"),)) from None
