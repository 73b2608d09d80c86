"""`/generations`: one, lists, counts, and what nobody has reported on."""

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
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.operators.hide_generation import hide_generation
from genquota.use_cases.reading import generation_stats as counting
from genquota.use_cases.reading import generations as reading
from genquota.use_cases.reading.holds import get_hold


def wanted(query: GenerationsFilter) -> reading.Wanted:
    return reading.Wanted(query.user_id, query.status, query.type, query.since, query.until)


def shown(record: reading.Record) -> GenerationAnswer:
    return GenerationAnswer.of(record.id, record.data, record.status)


def _list(asked: Asked[Nothing, GenerationsQuery, Nothing]) -> Page[GenerationAnswer]:
    query = asked.query
    after = position_of(query.cursor)
    found = reading.list_generations(
        asked.context, asked.caller, wanted(query), query.page_size, after
    )
    return _page(found)


def _get(asked: Asked[GenerationPath, Nothing, Nothing]) -> GenerationAnswer:
    found = reading.get_generation(asked.context, asked.caller, asked.path.generation_id)
    return shown(found)


def _hide(asked: Asked[GenerationPath, HideQuery, Nothing]) -> HiddenAnswer:
    generation_id, query = asked.path.generation_id, asked.query
    hidden = hide_generation(
        asked.context, asked.caller, generation_id, query.note, dry_run=query.dry_run
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


def _hold(asked: Asked[GenerationPath, Nothing, Nothing]) -> HoldAnswer:
    seen = get_hold(asked.context, asked.caller, asked.path.generation_id)
    return HoldAnswer.of(seen.generation, seen.closed_at, seen.now)


def _stats(asked: Asked[UserPath, SinceQuery, Nothing]) -> GenerationStats:
    user_id, since = asked.path.user_id, asked.query.since
    counts = counting.generation_stats(asked.context, asked.caller, user_id, since)
    return GenerationStats(
        user_id=user_id,
        since=since,
        total=counts.success + counts.failed + counts.pending,
        success=counts.success,
        failed=counts.failed,
        pending=counts.pending,
    )


def _stalled(asked: Asked[Nothing, StalledQuery, Nothing]) -> Page[GenerationAnswer]:
    query = asked.query
    older_than = None if query.minutes is None else timedelta(minutes=query.minutes)
    after = position_of(query.cursor)
    found = reading.list_stalled(asked.context, asked.caller, older_than, query.page_size, after)
    return _page(found)


def _page(found: reading.Records) -> Page[GenerationAnswer]:
    items = [shown(record) for record in found.records]
    return Page[GenerationAnswer](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/generations", Permission.VIEW_GENERATIONS,
          "Generations, newest first: one's own; for admins, everybody's or those of userId.",
          _list, Page[GenerationAnswer], query=GenerationsQuery),
    Route("GET", "/generations/{generationId}", Permission.VIEW_GENERATIONS, "One generation.",
          _get, GenerationAnswer, path=GenerationPath),
    Route("DELETE", "/generations/{generationId}", Permission.HIDE_GENERATION,
          "Hide a generation from the history; quota is untouched.",
          _hide, HiddenAnswer, path=GenerationPath, query=HideQuery),
    Route("GET", "/generations/{generationId}/hold", Permission.VIEW_USERS,
          "Who pays for a generation: what was held, from which windows and grants, and what came back.",
          _hold, HoldAnswer, path=GenerationPath),
    Route("GET", "/generations/stats/{userId}", Permission.VIEW_GENERATIONS,
          "How many generations, and how they ended: lifetime, or those created from `since` on.",
          _stats, GenerationStats, path=UserPath, query=SinceQuery),
    Route("GET", "/generations/stalled", Permission.VIEW_ALL_GENERATIONS,
          "Generations still open in the record so many minutes after their start (HOLD_SECONDS).",
          _stalled, Page[GenerationAnswer], query=StalledQuery),
)  # fmt: skip
