"""`/users/{userId}/timeline`: the history of a window's counter."""

from genquota.domain.enums import Window
from genquota.domain.permissions import Permission
from genquota.messages.answers.timeline import TimelineAnswer, TimelineQuery, place_from_text
from genquota.messages.requests.queries import Nothing, UserPath
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading.timeline import read_timeline


def _timeline(request: ApiRequest[UserPath, TimelineQuery, Nothing]) -> TimelineAnswer:
    query, user_id = request.query, request.path.user_id
    place = place_from_text(query.cursor) if query.cursor else None
    window = Window(query.window)
    timeline = read_timeline(request.context, request.caller, user_id, window, query.before, place)
    return TimelineAnswer.of(user_id, query.window, timeline)


ROUTES = (
    Route("GET", "/users/{userId}/timeline", Permission.VIEW_USERS,
          "Changes of a window's counter, newest first, and whether they add up.",
          _timeline, TimelineAnswer, path=UserPath, query=TimelineQuery),
)  # fmt: skip
