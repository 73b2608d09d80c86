"""`/settings`: what pages need to know of the deployment that they show."""

from genquota.domain.permissions import Permission
from genquota.messages.operators.deployment import DeploymentAnswer
from genquota.messages.requests.queries import Nothing
from genquota.triggers.api.routes import Asked, Route


def _settings(asked: Asked[Nothing, Nothing, Nothing]) -> DeploymentAnswer:
    return DeploymentAnswer.of(asked.context.policy)


ROUTES = (
    Route("GET", "/settings", Permission.VIEW_DESCRIPTION,
          "Which types there are, and what may be seen by whom.",
          _settings, DeploymentAnswer),
)  # fmt: skip
