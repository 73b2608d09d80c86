"""`/live-generations`: what is being made, as everybody may see it."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.permissions import Permission
from genquota.messages.answers.live_feed import (
    LiveFeedAnswer,
    LiveFeedEntry,
    LiveFeedQuery,
    RemovedAnswer,
)
from genquota.messages.requests.queries import DryRunNoted, GenerationPath, Nothing
from genquota.store.documents import contents
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.operators.remove_from_feed import remove_from_feed
from genquota.use_cases.reading.live_feed import read_live_feed


def _list(asked: Asked[Nothing, LiveFeedQuery, Nothing]) -> LiveFeedAnswer:
    feed = read_live_feed(asked.context, asked.caller, asked.query.type)
    items = [LiveFeedEntry.of(each.id, contents(each)) for each in feed.entries]
    return LiveFeedAnswer(mode=feed.mode.value, items=items)


def _remove(asked: Asked[GenerationPath, DryRunNoted, Nothing]) -> RemovedAnswer:
    deed = Deed(asked.query.note, asked.query.dry_run)
    removed = remove_from_feed(asked.context, asked.caller, asked.path.generation_id, deed)
    return RemovedAnswer(
        generation_id=removed.generation_id,
        user_id=removed.user_id,
        action=AuditAction.REMOVE_FROM_FEED.value,
        dry_run=deed.dry_run,
        changed=removed.is_shown,
        audit_id=removed.audit_id,
    )


ROUTES = (
    Route("GET", "/live-generations", Permission.VIEW_LIVE_FEED, "The newest 50 entries of the live feed.",
          _list, LiveFeedAnswer, query=LiveFeedQuery),
    Route("DELETE", "/live-generations/{generationId}", Permission.REMOVE_FROM_FEED,
          "Remove a generation from the live feed, for good.",
          _remove, RemovedAnswer, path=GenerationPath, query=DryRunNoted),
)  # fmt: skip
