"""`/webhook-events`: providers' events, and resolving unmatched ones."""

from genquota.billing.use_cases.resolve_event import ResolveCommand, resolve_event
from genquota.domain.audit_actions import AuditAction
from genquota.domain.permissions import Permission
from genquota.messages.answers.pages import Page
from genquota.messages.operators.webhook_events import (
    ResolveAnswer,
    ResolveEvent,
    WebhookEventAnswer,
    WebhookEventPath,
    WebhookEventsQuery,
)
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import DryRun, Nothing
from genquota.store.documents import document_data
from genquota.triggers.api.operators import audit_of
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading import lists


def _list(request: ApiRequest[Nothing, WebhookEventsQuery, Nothing]) -> Page[WebhookEventAnswer]:
    query = request.query
    equal: dict[str, object] = {"status": query.status} if query.status else {}
    part = lists.PageRequest(query.page_size, position_of(query.cursor))
    found = lists.list_webhook_events(request.context, request.caller, equal, part)
    items = [
        WebhookEventAnswer.from_document(document_data(each), id=each.id)
        for each in found.snapshots
    ]
    return Page[WebhookEventAnswer](items=items, cursor=cursor_of(found.next))


def _resolve(request: ApiRequest[WebhookEventPath, DryRun, ResolveEvent]) -> ResolveAnswer:
    body, receipt_id = request.body, request.path.receipt_id
    audit = audit_of(request)
    answer = ResolveCommand(body.user_id, body.plan_id, body.pack_id)
    resolved = resolve_event(request.context, request.caller, receipt_id, answer, audit)
    return ResolveAnswer(
        action=AuditAction.RESOLVE_EVENT.value,
        id=receipt_id,
        dry_run=audit.dry_run,
        changed=not resolved.is_noop,
        audit_id=resolved.audit_id,
        before=dict(resolved.before),
        after=dict(resolved.after),
    )


ROUTES = (
    Route("GET", "/webhook-events", Permission.VIEW_OPERATIONS,
          "Events of payment providers, newest first.",
          _list, Page[WebhookEventAnswer], query=WebhookEventsQuery),
    Route("POST", "/webhook-events/{receiptId}/resolve", Permission.RESOLVE_EVENT,
          "Assign an unmatched event, as if all had been known from the start.",
          _resolve, ResolveAnswer, path=WebhookEventPath, query=DryRun, body=ResolveEvent),
)  # fmt: skip
