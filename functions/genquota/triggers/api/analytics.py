"""`/analytics`: of the platform, and of one user."""

from flask import Response

from genquota.domain.errors import InvalidArgument, NotAllowed
from genquota.domain.permissions import Permission
from genquota.domain.statistics.top_lists import LIST_NAMES
from genquota.messages.analytics.platform import AnalyticsAnswer
from genquota.messages.analytics.queries import AnalyticsQuery, UserAnalyticsQuery
from genquota.messages.analytics.tables import TableAnswer, TableName, csv_of, table_of
from genquota.messages.analytics.user import UserAnalyticsAnswer
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.requests.queries import Nothing, UserPath
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading.analytics import analytics
from genquota.use_cases.reading.user_analytics import user_analytics

_MOST_ROWS = 1000
"""Users, prompts or errors of a table."""


def _analytics(request: ApiRequest[Nothing, AnalyticsQuery, Nothing]) -> Answer | Response:
    table = request.query.table
    if table:
        return _table(request, table)
    if request.query.format:
        raise InvalidArgument((("table", "say which table, for a format"),))
    query = request.query
    lists = LIST_NAMES if query.lists else ()
    found = analytics(request.context, request.caller, query.wanted(), lists)
    return AnalyticsAnswer.about(found, has_lists=query.lists)


def _table(
    request: ApiRequest[Nothing, AnalyticsQuery, Nothing], table: TableName
) -> Answer | Response:
    """Answer one table.

    Raises:
        NotAllowed: It is not for this caller.
    """
    query = request.query
    lists = [name for name in LIST_NAMES if name == table]
    found = analytics(request.context, request.caller, query.wanted(), lists, _MOST_ROWS)
    answer = AnalyticsAnswer.about(found)
    rows = table_of(answer, table)
    if rows is None:
        raise NotAllowed
    if query.format == "json":
        return TableAnswer(items=rows)
    name = f"{table}_{answer.from_}_{answer.to}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_of(table, rows), mimetype="text/csv", headers=headers)


def _of_user(request: ApiRequest[UserPath, UserAnalyticsQuery, Nothing]) -> UserAnalyticsAnswer:
    user_id, query = request.path.user_id, request.query
    found = user_analytics(request.context, request.caller, user_id, query.days, query.records)
    return UserAnalyticsAnswer.about(found)


ROUTES = (
    Route("GET", "/analytics", Permission.VIEW_ANALYTICS,
          "Analytics; with `ANALYTICS=public`, a part of them for all signed-in users.",
          _analytics, AnalyticsAnswer, query=AnalyticsQuery, media=("application/json", "text/csv"),
          or_answer=TableAnswer),
    Route("GET", "/analytics/users/{userId}", Permission.VIEW_USER_ANALYTICS,
          "Analytics of one user: days, and up to 500 records.",
          _of_user, UserAnalyticsAnswer, path=UserPath, query=UserAnalyticsQuery),
)  # fmt: skip
