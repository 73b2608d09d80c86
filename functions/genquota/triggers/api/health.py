"""`/health`: whether the store answers."""

from genquota.domain.permissions import Permission
from genquota.messages.operators.operations import (
    HealthAnswer,
)
from genquota.messages.requests.queries import Nothing
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading.health import check_health
from genquota.version import VERSION


def _health(request: ApiRequest[Nothing, Nothing, Nothing]) -> HealthAnswer:
    seconds = check_health(request.context)
    return HealthAnswer(status="ok", version=VERSION, store_ms=round(seconds * 1000, 1))


ROUTES = (
    Route("GET", "/health", Permission.VIEW_DESCRIPTION, "Whether Firestore answers, and how fast.",
          _health, HealthAnswer),
)  # fmt: skip
