"""A request of each route of the HTTP API that is right in all but, perhaps, who makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genquota.domain.rights import Who
from genquota.triggers.api.table import ROUTES

if TYPE_CHECKING:
    from genquota.triggers.api.routes import Route
    from tests.functions.app import Answer, App

NOTE = "it was our fault"
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/usage-tracking/track-generation/{userId}"): {"idempotencyKey": "tracked"},
    ("PUT", "/users/{userId}/plan"): {"planId": "plus", "note": NOTE},
    ("PUT", "/users/{userId}/limits"): {"limits": {"day": 5}, "note": NOTE},
    ("PUT", "/users/{userId}/role"): {"role": "service", "note": NOTE},
    ("PUT", "/users/{userId}/timezone"): {"timezone": "Asia/Tokyo", "note": NOTE},
    ("PUT", "/users/{userId}/disabled"): {"disabled": True, "note": NOTE},
    ("POST", "/users/{userId}/grants"): {"credits": 5, "idempotencyKey": "gift", "note": NOTE},
    ("POST", "/maintenance/{job}"): {"note": NOTE},
}
"""By method and pattern, for each route that takes one."""

QUERIES: dict[tuple[str, str], str] = {
    ("GET", "/generations"): "?userId={userId}",
    ("DELETE", "/users/{userId}/grants/{grantId}"): "?note=it+was+our+fault",
}
"""What makes a list without a user in its path one user's, and the notes of deletions."""

ABOUT_ONE_USER = {Who.SELF_ADMIN, Who.SELF_SERVICE_ADMIN}


def name_of(route: Route) -> str:
    return f"{route.method} {route.pattern}"


def send(
    app: App,
    route: Route,
    names: dict[str, str],
    *,
    body: object = None,
    query: str | None = "",
    **headers: str | None,
) -> Answer:
    """Make the request.

    Args:
        app: Who makes it.
        route: Which.
        names: What stands for the braces of its pattern.
        body: Instead of the usual one.
        query: Added to the usual one; if it has a note, instead of it; None: no query.
        headers: Further ones.
    """
    key = (route.method, route.pattern)
    usual = QUERIES.get(key, "")
    if query is None or query.startswith("note="):
        usual = ""
    path = f"/api{route.pattern}{usual}"
    if query:
        path += ("&" if usual else "?") + query
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"{path}: tests need a value for it"
    return app.api(route.method, path, body or (BODIES[key] if route.body else None), **headers)


__all__ = ["ABOUT_ONE_USER", "BODIES", "NOTE", "QUERIES", "ROUTES", "name_of", "send"]
