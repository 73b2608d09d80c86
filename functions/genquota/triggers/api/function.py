"""The function `api`. Its implementation is imported with the first request, for fast cold starts."""

from firebase_functions.https_fn import on_request
from flask import Request as HttpRequest
from flask import Response, current_app, has_app_context
from flask import request as current_request
from flask_cors import cross_origin

from genquota import settings

METHODS = ["GET", "POST", "PUT", "DELETE"]


@on_request(secrets=settings.SECRETS_OF_CALLABLES)
@cross_origin(origins="*", methods=METHODS, expose_headers=["Link"])
def api(request: HttpRequest) -> Response:
    """Serve the HTTP API; `/api/openapi.json` describes it."""
    from genquota.triggers.api.serving import serve  # noqa: PLC0415 - see above

    return serve(request)


def answer_every_path() -> None:
    """Let `api` also answer paths that functions-framework refuses, such as one with a line break.

    To be called in the context of the app that the runtime makes for its one function.
    """
    if has_app_context() and current_app.name == api.__name__:
        current_app.register_error_handler(404, _answer_what_the_runtime_refuses)


def _answer_what_the_runtime_refuses(_error: Exception) -> Response:
    answer: Response = api(current_request)
    return answer
