"""A request of each route of the HTTP API that is right in all but, perhaps, who makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genquota.domain.rights import Who
from genquota.triggers.api.table import ROUTES

if TYPE_CHECKING:
    from genquota.triggers.api.routes import Route
    from tests.functions.app import Answer, App

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/usage-tracking/track-generation/{userId}"): {"idempotencyKey": "tracked"},
}
"""By method and pattern, for each route that takes one."""

QUERIES: dict[tuple[str, str], str] = {
    ("GET", "/generations"): "?userId={userId}",
}
"""What makes a list without a user in its path one user's."""

ABOUT_ONE_USER = {Who.SELF_ADMIN, Who.SELF_SERVICE_ADMIN}


def name_of(route: Route) -> str:
    return f"{route.method} {route.pattern}"


def send(app: App, route: Route, names: dict[str, str], **headers: str | None) -> Answer:
    """Make the request; names are what stands for the braces of its pattern."""
    key = (route.method, route.pattern)
    path = f"/api{route.pattern}{QUERIES.get(key, '')}"
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"{path}: tests need a value for it"
    body = BODIES[key] if route.body else None
    return app.api(route.method, path, body, **headers)


__all__ = ["ABOUT_ONE_USER", "BODIES", "QUERIES", "ROUTES", "name_of", "send"]
