"""`/audit-log`: operators' changes."""

from genquota.domain.permissions import Permission
from genquota.messages.answers.pages import Page
from genquota.messages.operators.operations import (
    AuditAnswer,
    AuditLogQuery,
)
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import Nothing
from genquota.store.documents import document_data
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading import lists


def _audit_log(request: ApiRequest[Nothing, AuditLogQuery, Nothing]) -> Page[AuditAnswer]:
    query = request.query
    part = lists.PageRequest(query.page_size, position_of(query.cursor))
    span = (query.since, query.until)
    found = lists.list_audit_log(request.context, request.caller, query.user_id, span, part)
    items = [AuditAnswer.from_document(document_data(each), id=each.id) for each in found.snapshots]
    return Page[AuditAnswer](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/audit-log", Permission.VIEW_OPERATIONS, "Operators' changes, newest first.",
          _audit_log, Page[AuditAnswer], query=AuditLogQuery),
)  # fmt: skip
