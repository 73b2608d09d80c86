"""`/live-generations`: the live feed."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.permissions import Permission
from genquota.messages.answers.live_feed import (
    LiveFeedAnswer,
    LiveFeedEntry,
    LiveFeedQuery,
    RemovedAnswer,
)
from genquota.messages.requests.queries import DryRunNoted, GenerationPath, Nothing
from genquota.store.documents import document_data
from genquota.triggers.api.operators import audit_of
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.operators.remove_from_feed import remove_from_feed
from genquota.use_cases.reading.live_feed import read_live_feed


def _list(request: ApiRequest[Nothing, LiveFeedQuery, Nothing]) -> LiveFeedAnswer:
    feed = read_live_feed(request.context, request.caller, request.query.type)
    items = [LiveFeedEntry.from_document(document_data(each), id=each.id) for each in feed.entries]
    return LiveFeedAnswer(mode=feed.mode.value, items=items)


def _remove(request: ApiRequest[GenerationPath, DryRunNoted, Nothing]) -> RemovedAnswer:
    audit = audit_of(request)
    removed = remove_from_feed(request.context, request.caller, request.path.generation_id, audit)
    return RemovedAnswer(
        generation_id=removed.generation_id,
        user_id=removed.user_id,
        action=AuditAction.REMOVE_FROM_FEED.value,
        dry_run=audit.dry_run,
        changed=removed.is_shown,
        audit_id=removed.audit_id,
    )


ROUTES = (
    Route("GET", "/live-generations", Permission.VIEW_LIVE_FEED, "The newest 50 entries of the live feed.",
          _list, LiveFeedAnswer, query=LiveFeedQuery),
    Route("DELETE", "/live-generations/{generationId}", Permission.REMOVE_FROM_FEED,
          "Remove a generation from the live feed permanently.",
          _remove, RemovedAnswer, path=GenerationPath, query=DryRunNoted),
)  # fmt: skip
