"""`/analytics`: what the platform did, and what one user did."""

from genquota.domain.rights import Who
from genquota.messages.own_analytics import UserAnalyticsAnswer
from genquota.messages.queries import DaysQuery, Nothing, UserPath
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.reading.own_analytics import own_analytics


def _of_user(asked: Asked[UserPath, DaysQuery, Nothing]) -> UserAnalyticsAnswer:
    user_id, days = asked.path.user_id, asked.query.days
    return UserAnalyticsAnswer.about(own_analytics(asked.context, asked.caller, user_id, days))


ROUTES = (
    Route("GET", "/analytics/users/{userId}", Who.SELF_ADMIN,
          "What one user did, day by day, and what up to 500 of their records tell.",
          _of_user, UserAnalyticsAnswer, path=UserPath, query=DaysQuery),
)  # fmt: skip
