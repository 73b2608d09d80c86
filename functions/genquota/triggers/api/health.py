"""`/health`: does the store answer?"""

from genquota.domain.permissions import Permission
from genquota.messages.operators.operations import (
    HealthAnswer,
)
from genquota.messages.requests.queries import Nothing
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.reading.health import check_health
from genquota.version import VERSION


def _health(asked: Asked[Nothing, Nothing, Nothing]) -> HealthAnswer:
    seconds = check_health(asked.context)
    return HealthAnswer(status="ok", version=VERSION, store_ms=round(seconds * 1000, 1))


ROUTES = (
    Route("GET", "/health", Permission.VIEW_DESCRIPTION, "Does the store answer, and how fast?",
          _health, HealthAnswer),
)  # fmt: skip
