"""`/generations`: one, lists, counts, and stalled ones."""

from datetime import timedelta

from genquota.domain.audit_actions import AuditAction
from genquota.domain.permissions import Permission
from genquota.messages.answers.generation_records import GenerationAnswer, GenerationStats
from genquota.messages.answers.pages import Page
from genquota.messages.operators.changes import HiddenAnswer
from genquota.messages.operators.holds import HoldAnswer
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import (
    GenerationPath,
    GenerationsFilter,
    GenerationsQuery,
    HideQuery,
    Nothing,
    SinceQuery,
    StalledQuery,
    UserPath,
)
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.operators.hide_generation import hide_generation
from genquota.use_cases.reading import generation_stats as counting
from genquota.use_cases.reading import generations as reading
from genquota.use_cases.reading.holds import get_hold


def filter_of(query: GenerationsFilter) -> reading.GenerationFilter:
    return reading.GenerationFilter(
        query.user_id, query.status, query.type, query.since, query.until
    )


def to_answer(record: reading.Record) -> GenerationAnswer:
    return GenerationAnswer.from_document(
        record.data, id=record.id, generation_status=record.status
    )


def _list(request: ApiRequest[Nothing, GenerationsQuery, Nothing]) -> Page[GenerationAnswer]:
    query = request.query
    after = position_of(query.cursor)
    found = reading.list_generations(
        request.context, request.caller, filter_of(query), query.page_size, after
    )
    return _page(found)


def _get(request: ApiRequest[GenerationPath, Nothing, Nothing]) -> GenerationAnswer:
    found = reading.get_generation(request.context, request.caller, request.path.generation_id)
    return to_answer(found)


def _hide(request: ApiRequest[GenerationPath, HideQuery, Nothing]) -> HiddenAnswer:
    generation_id, query = request.path.generation_id, request.query
    hidden = hide_generation(
        request.context, request.caller, generation_id, query.note, dry_run=query.dry_run
    )
    return HiddenAnswer(
        generation_id=generation_id,
        user_id=hidden.user_id,
        action=AuditAction.HIDE_GENERATION.value,
        dry_run=query.dry_run,
        changed=hidden.is_change,
        audit_id=hidden.audit_id,
        before={"isDeleted": not hidden.is_change},
        after={"isDeleted": True},
    )


def _hold(request: ApiRequest[GenerationPath, Nothing, Nothing]) -> HoldAnswer:
    seen = get_hold(request.context, request.caller, request.path.generation_id)
    return HoldAnswer.of(seen.generation, seen.closed_at, seen.now)


def _stats(request: ApiRequest[UserPath, SinceQuery, Nothing]) -> GenerationStats:
    user_id, since = request.path.user_id, request.query.since
    counts = counting.generation_stats(request.context, request.caller, user_id, since)
    return GenerationStats(
        user_id=user_id,
        since=since,
        total=counts.success + counts.failed + counts.pending,
        success=counts.success,
        failed=counts.failed,
        pending=counts.pending,
    )


def _stalled(request: ApiRequest[Nothing, StalledQuery, Nothing]) -> Page[GenerationAnswer]:
    query = request.query
    older_than = None if query.minutes is None else timedelta(minutes=query.minutes)
    after = position_of(query.cursor)
    found = reading.list_stalled(
        request.context, request.caller, older_than, query.page_size, after
    )
    return _page(found)


def _page(found: reading.RecordPage) -> Page[GenerationAnswer]:
    items = [to_answer(record) for record in found.records]
    return Page[GenerationAnswer](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/generations", Permission.VIEW_GENERATIONS,
          "The caller's generations, newest first; for admins, all or those of `userId`.",
          _list, Page[GenerationAnswer], query=GenerationsQuery),
    Route("GET", "/generations/{generationId}", Permission.VIEW_GENERATIONS, "One generation.",
          _get, GenerationAnswer, path=GenerationPath),
    Route("DELETE", "/generations/{generationId}", Permission.HIDE_GENERATION,
          "Hide a generation from history and feed; quota is untouched.",
          _hide, HiddenAnswer, path=GenerationPath, query=HideQuery),
    Route("GET", "/generations/{generationId}/hold", Permission.VIEW_USERS,
          "What a generation held of which windows and grants, and what was given back.",
          _hold, HoldAnswer, path=GenerationPath),
    Route("GET", "/generations/stats/{userId}", Permission.VIEW_GENERATIONS,
          "Counts of generations by outcome: lifetime, or created from `since` on.",
          _stats, GenerationStats, path=UserPath, query=SinceQuery),
    Route("GET", "/generations/stalled", Permission.VIEW_ALL_GENERATIONS,
          "Generations still open `minutes` after their creation (default: `HOLD_SECONDS`).",
          _stalled, Page[GenerationAnswer], query=StalledQuery),
)  # fmt: skip
