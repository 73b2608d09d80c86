"""What `stripe_webhook` and `revenuecat_webhook` do with what payment providers send.

Whatever is not answered with 2xx is sent again. So what cannot be taken in now is refused, and what
cannot be understood without an operator is kept and answered 200. Refusals say nothing, and no body is
logged.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from flask import Request as HttpRequest
from flask import Response, jsonify

from genquota import settings
from genquota.domain.errors import GenquotaError, InvalidArgument
from genquota.domain.provider_events import ProviderEvent
from genquota.store.clock import system_now
from genquota.store.receipts import ReceiptStatus
from genquota.triggers.bodies import read_body
from genquota.triggers.logs import log_failure, log_request
from genquota.triggers.runtime import context
from genquota.triggers.webhooks import stripe_library
from genquota.triggers.webhooks.from_revenuecat import read_revenuecat
from genquota.triggers.webhooks.from_stripe import read_event, with_facts, with_subscription
from genquota.triggers.webhooks.proof import NotGenuine, check_revenuecat
from genquota.triggers.webhooks.stripe_payments import lacks_items, with_items
from genquota.use_cases.billing.apply_event import Applied, Current, apply_event

MAX_BODY_BYTES = 256 * 1024

_log = logging.getLogger("genquota.webhooks")


def take_in_stripe(request: HttpRequest) -> Response:
    return _answer("stripe_webhook", request, _take_stripe)


def take_in_revenuecat(request: HttpRequest) -> Response:
    return _answer("revenuecat_webhook", request, _take_revenuecat)


def _take_stripe(request: HttpRequest, body: bytes) -> Applied:
    secret = settings.secret(settings.STRIPE_WEBHOOK_SECRET)
    stripe_library.check_signature(body, request.headers.get("Stripe-Signature"), secret)
    event, about = read_event(_parsed(body))
    event = with_facts(event, about)
    key, base = settings.secret(settings.STRIPE_API_KEY), settings.STRIPE_API_BASE.value
    if key and lacks_items(event):
        event = with_items(event, stripe_library.line_items(about["id"], key, base))
    return apply_event(context(), event, _asking_stripe(key, base) if key else None)


def _asking_stripe(key: str, base: str) -> Current:
    def current(event: ProviderEvent) -> ProviderEvent:
        update = event.subscription
        if update is None:
            return event
        about = stripe_library.subscription(update.id, key, base)
        # Of what was asked at several times, the last is true; all of it is newer than the events.
        return with_subscription(replace(event, tie_break=f"~{system_now().isoformat()}~"), about)

    return current


def _take_revenuecat(request: HttpRequest, body: bytes) -> Applied:
    check_revenuecat(
        body,
        request.headers.get("Authorization"),
        request.headers.get("X-RevenueCat-Webhook-Signature"),
        settings.secret(settings.REVENUECAT_WEBHOOK_TOKEN),
    )
    return apply_event(context(), read_revenuecat(_parsed(body)))


def _answer(
    name: str, request: HttpRequest, take: Callable[[HttpRequest, bytes], Applied]
) -> Response:
    """Take in a request; the wall between the wire and the house."""
    begun, request_id = time.monotonic(), uuid.uuid4().hex
    try:
        reason, status, answer = _outcome(request, take)
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
    request: HttpRequest, take: Callable[[HttpRequest, bytes], Applied]
) -> tuple[str, HTTPStatus, dict[str, str]]:
    """Return what the log says, and what the sender is told."""
    try:
        body = read_body(request, MAX_BODY_BYTES)
    except InvalidArgument:
        return "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {}
    if request.method != "POST":
        return "not-post", HTTPStatus.METHOD_NOT_ALLOWED, {}
    try:
        applied = take(request, body)
    except NotGenuine:
        return "not-genuine", HTTPStatus.UNAUTHORIZED, {}
    status = applied.status.value if applied.status else "duplicate"
    reason = "unmatched" if applied.status is ReceiptStatus.UNMATCHED else "ok"
    return reason, HTTPStatus.OK, {"status": status}


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidArgument((("", "not JSON"),)) from None
