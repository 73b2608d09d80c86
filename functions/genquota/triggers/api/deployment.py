"""`/settings`: the public settings of the deployment."""

from genquota.domain.permissions import Permission
from genquota.messages.operators.deployment import DeploymentAnswer
from genquota.messages.requests.queries import Nothing
from genquota.triggers.api.routes import ApiRequest, Route


def _settings(request: ApiRequest[Nothing, Nothing, Nothing]) -> DeploymentAnswer:
    return DeploymentAnswer.of(request.context.policy)


ROUTES = (
    Route("GET", "/settings", Permission.VIEW_DESCRIPTION,
          "Types, time zone, and who sees feed and analytics.",
          _settings, DeploymentAnswer),
)  # fmt: skip
