"""`/webhook-events`: what payment providers reported, and what could not be placed."""

from genquota.billing.use_cases.resolve_event import Answer, resolve_event
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
from genquota.store.documents import contents
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.reading import lists


def _list(asked: Asked[Nothing, WebhookEventsQuery, Nothing]) -> Page[WebhookEventAnswer]:
    query = asked.query
    equal: dict[str, object] = {"status": query.status} if query.status else {}
    part = lists.Slice(query.page_size, position_of(query.cursor))
    found = lists.list_webhook_events(asked.context, asked.caller, equal, part)
    items = [WebhookEventAnswer.of(each.id, contents(each)) for each in found.snapshots]
    return Page[WebhookEventAnswer](items=items, cursor=cursor_of(found.next))


def _resolve(asked: Asked[WebhookEventPath, DryRun, ResolveEvent]) -> ResolveAnswer:
    body, receipt_id = asked.body, asked.path.receipt_id
    deed = Deed(body.note, asked.query.dry_run)
    answer = Answer(body.user_id, body.plan_id, body.pack_id)
    resolved = resolve_event(asked.context, asked.caller, receipt_id, answer, deed)
    return ResolveAnswer(
        action=AuditAction.RESOLVE_EVENT.value,
        id=receipt_id,
        dry_run=deed.dry_run,
        changed=not resolved.is_done,
        audit_id=resolved.audit_id,
        before=dict(resolved.before),
        after=dict(resolved.after),
    )


ROUTES = (
    Route("GET", "/webhook-events", Permission.VIEW_OPERATIONS,
          "What payment providers reported, newest first.",
          _list, Page[WebhookEventAnswer], query=WebhookEventsQuery),
    Route("POST", "/webhook-events/{receiptId}/resolve", Permission.RESOLVE_EVENT,
          "Take in an event that could not be placed, as if all had been known from the start.",
          _resolve, ResolveAnswer, path=WebhookEventPath, query=DryRun, body=ResolveEvent),
)  # fmt: skip
