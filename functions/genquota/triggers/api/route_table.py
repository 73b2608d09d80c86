"""All routes: add one here, and it is served, described and tested for its permission."""

from functools import lru_cache
from typing import Any

from flask import Response, jsonify

from genquota.domain.permissions import Permission
from genquota.messages.requests.queries import Nothing
from genquota.triggers.api import (
    analytics,
    audit,
    deployment,
    export,
    generations,
    health,
    jobs,
    live_feed,
    operators,
    plans,
    subscriptions,
    timeline,
    usage,
    user_data,
    users,
    webhook_events,
)
from genquota.triggers.api.openapi import describe
from genquota.triggers.api.routes import ApiRequest, Route


def _openapi(request: ApiRequest[Nothing, Nothing, Nothing]) -> Response:
    return jsonify(_described(request.context.policy.types))


@lru_cache(maxsize=1)
def _described(types: frozenset[str]) -> dict[str, Any]:
    return describe(ROUTES, types)


ROUTES: tuple[Route, ...] = (
    *usage.ROUTES,
    *generations.ROUTES,
    *export.ROUTES,
    *live_feed.ROUTES,
    *analytics.ROUTES,
    *users.ROUTES,
    *timeline.ROUTES,
    *operators.ROUTES,
    *user_data.ROUTES,
    *plans.ROUTES,
    *audit.ROUTES,
    *subscriptions.ROUTES,
    *jobs.ROUTES,
    *health.ROUTES,
    *deployment.ROUTES,
    *webhook_events.ROUTES,
    Route("GET", "/openapi.json", Permission.VIEW_DESCRIPTION, "This description.", _openapi, None),
)
