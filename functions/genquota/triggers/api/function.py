"""The function `api`. What it does is imported with its first request: other functions start without it."""

from firebase_functions.https_fn import on_request
from flask import Request as HttpRequest
from flask import Response
from flask_cors import cross_origin

from genquota import settings

METHODS = ["GET", "POST", "PUT", "DELETE"]


@on_request(secrets=settings.SECRETS_OF_CALLABLES)
@cross_origin(origins="*", methods=METHODS, expose_headers=["Link"])
def api(request: HttpRequest) -> Response:
    """Serve the HTTP API; `/api/openapi.json` describes it."""
    from genquota.triggers.api.serving import serve  # noqa: PLC0415 - see above

    return serve(request)
