"""Serve the function `api`: find the route, authenticate, parse, handle, answer."""

from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Request as HttpRequest
from flask import Response, current_app, has_app_context
from flask import request as current_request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchRoute
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule

from genquota import settings
from genquota.domain import errors
from genquota.domain.permissions import PERMISSIONS, Who
from genquota.domain.policy import Policy
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Nothing
from genquota.messages.requests.values import parse_body
from genquota.triggers.admission import JSON, admit, limit_anonymous, read_body
from genquota.triggers.api.callers import identify
from genquota.triggers.api.route_table import ROUTES
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.triggers.boundary import LogEntry, for_browsers, refusal, respond
from genquota.triggers.endpoints import declare_http
from genquota.triggers.errors import answer_to
from genquota.triggers.runtime import context, parse_request
from genquota.use_cases.core.context import Caller

PREFIX = "/api"
"""The function's own address strips its name, Hosting's does not: both are served."""
METHODS = ["GET", "POST", "PUT", "DELETE"]
_NO_ROUTE = "no route"


@for_browsers(methods=METHODS, expose_headers=["Link"])
def api(request: HttpRequest) -> Response:
    """Serve the HTTP API; `/api/openapi.json` describes it."""
    response = respond(request, LogEntry(_NO_ROUTE), _answer)
    response.headers["Cache-Control"] = "no-store"
    return response


declare_http(api, secrets=settings.SECRETS_OF_CALLABLES)


def _answer(request: HttpRequest, entry: LogEntry) -> Response:
    """Answer a request.

    Raises:
        GenquotaError: What the contract says of the error.
    """
    content = read_body(request)  # first of all, for whoever sends must not be cut off
    try:
        route, arguments = _find(request)
    except MethodNotAllowed as error:
        entry.reason = errors.InvalidArgument.reason
        return _wrong_method(error.valid_methods or ())
    entry.verb = f"{route.method} {PREFIX}{route.pattern}"
    caller = _admit(request, route)
    here = context()
    answer = route.handle(
        ApiRequest(
            context=here,
            caller=caller,
            path=parse_request(route.path, arguments, here.policy),
            query=parse_request(route.query, _query(request, route, content), here.policy),
            body=_body(request, route, content, here.policy),
            url_path=request.path,
        )
    )
    return Response(answer.encoded(), mimetype=JSON) if isinstance(answer, Answer) else answer


def _admit(request: HttpRequest, route: Route) -> Caller | None:
    """Return who calls, if they do not call too often; None where anybody may call.

    Raises:
        RateExceeded: They do.
        GenquotaError: They are not to be believed.
    """
    if PERMISSIONS[route.permission] is Who.ANYBODY:
        limit_anonymous(request)
        return None
    return admit(request, identify)


def _find(request: HttpRequest) -> tuple[Route, Mapping[str, Any]]:
    """Return the route and the values of the names in its path.

    Raises:
        NotFound: There is none.
        MethodNotAllowed: There is, but of another method.
    """
    path = (
        request.path.removeprefix(PREFIX)
        if f"{request.path}/".startswith(f"{PREFIX}/")
        else request.path
    )
    try:
        return _routes().match(path or "/", request.method)
    except (NoSuchRoute, RequestRedirect):  # a redirect would leave the path that Hosting serves
        raise errors.NotFound from None


@cache
def _routes() -> MapAdapter:
    rules = [Rule(each.rule, methods=[each.method], endpoint=each) for each in ROUTES]
    return Map(rules, merge_slashes=False).bind("")


def _query(request: HttpRequest, route: Route, content: bytes) -> dict[str, object]:
    """Return what stands behind the question mark; of a DELETE, what stands in a body counts as well.

    Raises:
        InvalidArgument: A name comes twice.
    """
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise errors.InvalidArgument((("query", "a name may come once"),))
    fields: dict[str, object] = {}
    if route.method == "DELETE" and content:
        body = parse_body(content)
        fields = body if isinstance(body, dict) else {}
    return {**fields, **request.args.to_dict()}


def _body(request: HttpRequest, route: Route, content: bytes, policy: Policy) -> Message:
    """Return the body, as the route's model understands it.

    Raises:
        InvalidArgument: It is not what the model says.
    """
    if route.body is None:
        return Nothing()
    needs_a_body = any(field.is_required() for field in route.body.model_fields.values())
    if not content and not needs_a_body:
        return parse_request(route.body, {}, policy)
    if request.mimetype != JSON:
        raise errors.InvalidArgument((("", f"use Content-Type: {JSON}"),))
    return parse_request(route.body, parse_body(content), policy)


def _wrong_method(allowed: Iterable[str]) -> Response:
    names = ", ".join(sorted(allowed))
    response = refusal(answer_to(errors.InvalidArgument((("", f"use {names}"),))))
    response.status_code = HTTPStatus.METHOD_NOT_ALLOWED
    response.headers["Allow"] = names
    return response


def answer_every_path() -> None:
    """Let `api` also answer paths that functions-framework refuses, such as one with a line break.

    To be called in the context of the app that the runtime makes for its one function.
    """
    if has_app_context() and current_app.name == api.__name__:
        current_app.register_error_handler(404, _answer_what_the_runtime_refuses)


def _answer_what_the_runtime_refuses(_error: Exception) -> Response:
    answer: Response = api(current_request)
    return answer
